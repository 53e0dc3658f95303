-- The days from which the new validity counts: as many as there are different ends.
SELECT DISTINCT since_on, joined_on FROM loyalty_redating;
