"""The page of the study: what it holds, its template, its inputs. Knows no network, no geography, no tracking."""
