"""Remote physiologic and therapeutic monitoring."""
