"""Start-up checks of the access gate are registered here."""
