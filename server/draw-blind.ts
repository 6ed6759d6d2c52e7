import 'server-only'

/** SQL: whether the entry of a place has a suggestion that could be kept back, as `yes`. `$1` is the project. */
export const suggestedSql = (placeId: string) => `
  SELECT e.prediction_id IS NOT NULL AS yes FROM assignments o
  JOIN queue_entries e ON e.project_id = o.project_id AND e.id = o.entry_id WHERE o.project_id = $1 AND o.id = ${placeId}`

/**
 * SQL that sets what a place `a` is by its first claim: blind or not, by a draw at `rate`, where there is a suggestion to keep
 * back (`suggested.yes`). Both stay when the place changes hands, but whoever was shown the suggestion works with it in
 * sight. `$1` is the project, `$3` who takes the place.
 */
export const drawBlind = (rate: string) => `
    blind = CASE
      WHEN a.blind THEN (SELECT true FROM review_events v WHERE v.project_id = $1 AND v.entry_id = a.entry_id AND v.actor_id = $3
        AND v.type = 'revealed' LIMIT 1) IS NULL
      WHEN a.blind IS NULL AND suggested.yes THEN random() < ${rate}
      ELSE a.blind END,
    blind_probability = CASE WHEN a.blind IS NULL AND suggested.yes THEN ${rate} ELSE a.blind_probability END`
