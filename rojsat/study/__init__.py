"""The sections of the page of the study, made from reports and chips. Knows no network, no geography, no tracking."""
