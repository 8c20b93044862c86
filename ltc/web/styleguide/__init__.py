"""One example of every component and page, with made-up data: what axe, the screenshots and a developer look at."""
