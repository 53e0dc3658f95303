-- That an activity a makes its day an active one; purchases and visits to the portal do besides.
a.kind IN ('check_in', 'review', 'share', 'event_attended')
