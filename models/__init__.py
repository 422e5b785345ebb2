"""Learning and measuring: from annotations to a classifier, its suggestions and what they are worth."""
