"""Reading and writing through the Graph SDK: patience, pages, answers that are not what Microsoft documents."""
