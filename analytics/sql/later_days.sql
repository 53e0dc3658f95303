-- How many of the members who first bought up to the trial's end bought again on each later day.
WITH
-- include parts/buyers
SELECT days.business_date, COUNT(*)
FROM days
JOIN buyers ON buyers.member_id = days.member_id
WHERE buyers.first_on <= %(trial_end)s AND days.business_date > buyers.first_on
GROUP BY days.business_date;
