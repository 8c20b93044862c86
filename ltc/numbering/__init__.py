"""Document numbers: without gaps where the law wants that, without waiting where it does not."""
