"""Models that are kept on the hubs, Hugging Face and ModelScope, as folders of ready files."""
