import 'server-only'
import { getDb, type Transaction, withTransaction } from '@/db/client'
import { wilson } from '@/domain/interval'
import { judgeWindows, measureWindow, type Verdict, windowsLooked } from '@/domain/watch'
import { forgetCachedKeys } from './access'
import { pauseSuggestions } from './pause-suggestions'
import { plannedArms } from './planned-arms'
import { readWatchSettings, type StoredWatch } from './read-watch-settings'
import { readCalendar, readWatched, stretchOf, type WatchedProject } from './watched-windows'

const lookEvery = '5 minutes'
/** At once: whoever is late waits for the next turn. */
const projectsPerLook = 20

/** Looks at the projects whose turn it is; gives back how many. Any number of servers may: each project is taken once. */
export async function lookDue(): Promise<number> {
  const { rows } = await getDb().$client.query<WatchedProject>(
    `SELECT p.id AS "projectId", p.time_zone AS "timeZone", p.demo FROM projects p LEFT JOIN monitor_settings m ON m.project_id = p.id
     WHERE (m.looked_at IS NULL OR m.looked_at < amend.now() - $1::interval) AND EXISTS (SELECT FROM monitor_counts c WHERE c.project_id = p.id)
     ORDER BY m.looked_at NULLS FIRST LIMIT ${projectsPerLook}`,
    [lookEvery],
  )
  for (const project of rows) await lookAt(project)
  return rows.length
}

/** Holds the latest windows against the reference; raises alerts, ends them, and pauses suggestions where they are bad. */
export async function lookAt(project: WatchedProject): Promise<Verdict[]> {
  const { projectId } = project
  const watch = await readWatchSettings(projectId)
  const stretch = stretchOf(await readCalendar(project))
  const [watched, arms] = await Promise.all([
    readWatched(project, stretch),
    plannedArms(projectId, windowsLooked + 1),
  ])
  const measured = watched.windows.map(window =>
    measureWindow(watched.reference, window, watch.settings, arms),
  )
  const verdicts = judgeWindows(measured)
  const looked = await withTransaction(async tx => {
    if (!(await take(tx, projectId))) return false
    await raise(
      tx,
      project,
      watch,
      verdicts.filter(verdict => verdict.firing),
      { windowFrom: stretch.windows[0], windowTo: stretch.windows.at(-1) },
    )
    await settle(tx, project, watch, verdicts)
    return breakIfBad(tx, project, watch)
  })
  // A key that was read a moment ago would not know of the pause.
  if (looked) forgetCachedKeys()
  return verdicts
}

/** Two servers that look at once: the second finds it taken and leaves it. */
async function take(tx: Transaction, projectId: string): Promise<boolean> {
  await tx.$client.query('INSERT INTO monitor_settings (project_id) VALUES ($1) ON CONFLICT DO NOTHING', [
    projectId,
  ])
  const { rowCount } = await tx.$client.query(
    `UPDATE monitor_settings SET looked_at = amend.now() WHERE project_id =
       (SELECT project_id FROM monitor_settings WHERE project_id = $1 FOR UPDATE SKIP LOCKED)`,
    [projectId],
  )
  return rowCount === 1
}

const evidenceOf = ({ kind, subject, ...figures }: Verdict) => figures

async function raise(
  tx: Transaction,
  { projectId, demo }: WatchedProject,
  watch: StoredWatch,
  firing: readonly Verdict[],
  stretch: Record<string, unknown>,
): Promise<void> {
  for (const verdict of firing) {
    const { rows } = await tx.$client.query<{ id: string; fresh: boolean }>(
      `INSERT INTO alerts (project_id, kind, subject, evidence, simulated) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (project_id, kind, subject) WHERE state = 'firing'
       DO UPDATE SET evidence = alerts.evidence || (excluded.evidence - 'windowFrom')
       RETURNING id, xmax = 0 AS fresh`,
      [
        projectId,
        verdict.kind,
        verdict.subject,
        JSON.stringify({ ...evidenceOf(verdict), ...stretch }),
        demo,
      ],
    )
    if (rows[0]?.fresh) await tell(tx, projectId, watch, rows[0].id, 'fired')
  }
}

/** What was measured again and no longer breaches is over; what could not be measured stays as it is. */
async function settle(
  tx: Transaction,
  { projectId }: WatchedProject,
  watch: StoredWatch,
  verdicts: readonly Verdict[],
): Promise<void> {
  const over = verdicts.filter(verdict => !verdict.firing)
  const { rows } = await tx.$client.query<{ id: string; snoozed: boolean }>(
    `UPDATE alerts a SET state = 'resolved', resolved_at = amend.now() FROM unnest($2::text[], $3::text[]) AS o(kind, subject)
     WHERE a.project_id = $1 AND a.state = 'firing' AND a.kind = o.kind AND a.subject = o.subject
     RETURNING a.id, coalesce(a.snoozed_until > amend.now(), false) AS snoozed`,
    [projectId, over.map(one => one.kind), over.map(one => one.subject)],
  )
  for (const { id, snoozed } of rows) if (!snoozed) await tell(tx, projectId, watch, id, 'resolved')
}

/** Notes whom to tell; sending is another turn's work. */
async function tell(
  tx: Transaction,
  projectId: string,
  { settings }: StoredWatch,
  alertId: string,
  event: 'fired' | 'resolved',
): Promise<void> {
  const channels = [...(settings.webhook ? ['webhook'] : []), ...(settings.mail.length > 0 ? ['mail'] : [])]
  for (const channel of channels)
    await tx.$client.query(
      'INSERT INTO alert_deliveries (project_id, alert_id, event, channel) VALUES ($1, $2, $3, $4)',
      [projectId, alertId, event, channel],
    )
}

/** The circuit breaker: what real people judged in the last hours, and since suggestions last went on. */
async function breakIfBad(
  tx: Transaction,
  project: WatchedProject,
  { settings }: StoredWatch,
): Promise<boolean> {
  const { on, most, leastN, hours } = settings.breaker
  if (!on) return false
  const { rows } = await tx.$client.query<{ judged: number; bad: number }>(
    `SELECT coalesce(sum(accepted + corrected + rejected + dismissed + written), 0)::int AS judged, coalesce(sum(corrected + rejected), 0)::int AS bad
     FROM monitor_counts c WHERE project_id = $1 AND slice = '' AND hour >= 0 AND NOT simulated
       AND ((day + hour * interval '1 hour') AT TIME ZONE $2) >= greatest(amend.now() - $3 * interval '1 hour',
         coalesce((SELECT resumed_at FROM monitor_settings m WHERE m.project_id = $1), '-infinity'))`,
    [project.projectId, project.timeZone, hours],
  )
  const { judged, bad } = rows[0] ?? { judged: 0, bad: 0 }
  const found = wilson(bad, judged)
  // Not one unlucky hour: the whole interval lies above the bound.
  if (!found || judged < leastN || found.low <= most) return false
  const { rows: now } = await tx.$client.query<{ at: string }>(
    `SELECT to_char(amend.now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at`,
  )
  return pauseSuggestions(tx, project.projectId, { at: now[0]?.at ?? '', bad, judged, most })
}
