"""State machines: how they are declared (`StateField`, `transition`, `guard`) and the one way to use them (`perform`, `offered`)."""
