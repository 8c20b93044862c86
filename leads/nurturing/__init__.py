"""Nurturing: keeping in touch with leads by sequences of mails and tasks."""
