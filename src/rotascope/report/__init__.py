"""The article: facts chosen, ordered and put into sentences whose every number is tagged."""
