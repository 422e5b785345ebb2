"""What single coders do not answer: settled disputes, missing answers, and mentions that terms miss."""
