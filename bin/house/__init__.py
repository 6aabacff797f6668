"""What bin/run, bin/test and bin/bench share. Standard library only: it runs before anything is installed."""
