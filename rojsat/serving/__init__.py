"""Code that loads trained models without rojsat."""
