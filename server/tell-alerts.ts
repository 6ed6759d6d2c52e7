import 'server-only'
import { createHmac } from 'node:crypto'
import { getDb } from '@/db/client'
import { alertFigures, alertTitle, type WatchKind, watchWords } from '@/domain/watch-words'
import { getLog } from '@/platform/log'
import { sendMail } from '@/platform/mail'
import { SafeFetchError, safeFetch } from '@/platform/safe-fetch'
import { publicAddress } from './public-address'
import { readWatchSettings } from './read-watch-settings'

const perTurn = 20
/** Tried again after 1, 2, 4, … minutes, ten times: about seventeen hours. */
const mostAttempts = 10
const webhookLimits = { timeoutMs: 10_000, maxBytes: 64_000 }

interface Due {
  projectId: string
  id: string
  event: 'fired' | 'resolved'
  channel: 'webhook' | 'mail'
  attempts: number
  alertId: string
  kind: WatchKind
  subject: string
  evidence: Omit<Parameters<typeof alertFigures>[0], 'kind'>
  slug: string
  projectName: string
}

/** Tells of alerts what is due: at least once, each under its own id. Any number of servers may. */
export async function deliverAlerts(): Promise<number> {
  // Taken by moving the next try ahead: a server that dies meanwhile leaves it for then.
  const { rows } = await getDb().$client.query<Due>(
    `UPDATE alert_deliveries d SET attempts = d.attempts + 1, due_at = amend.now() + least(power(2, d.attempts), 512) * interval '1 minute'
     FROM (SELECT project_id, id FROM alert_deliveries WHERE state = 'waiting' AND due_at <= amend.now() ORDER BY due_at LIMIT ${perTurn} FOR UPDATE SKIP LOCKED) x,
       alerts a, projects p
     WHERE d.project_id = x.project_id AND d.id = x.id AND a.project_id = d.project_id AND a.id = d.alert_id AND p.id = d.project_id
     RETURNING d.project_id AS "projectId", d.id, d.event, d.channel, d.attempts, d.alert_id AS "alertId", a.kind, a.subject, a.evidence, p.slug, p.name AS "projectName"`,
  )
  for (const due of rows) {
    const error = await deliver(due).then(
      () => null,
      cause => {
        getLog().warn(
          { err: cause, project: due.projectId, alert: due.alertId },
          'An alert could not be told',
        )
        return cause instanceof SafeFetchError || cause instanceof NotTaken
          ? cause.message
          : 'It could not be sent.'
      },
    )
    await getDb().$client.query(
      `UPDATE alert_deliveries SET state = CASE WHEN $3::text IS NULL THEN 'sent' WHEN attempts >= ${mostAttempts} THEN 'failed' ELSE 'waiting' END, last_error = $3
       WHERE project_id = $1 AND id = $2`,
      [due.projectId, due.id, error],
    )
  }
  return rows.length
}

class NotTaken extends Error {}

async function deliver(due: Due): Promise<void> {
  const { settings, webhookSecret } = await readWatchSettings(due.projectId)
  const title = alertTitle(due.kind, due.subject)
  const figures = alertFigures({ kind: due.kind, ...due.evidence })
  const { runbook } = watchWords[due.kind]
  const address = `${publicAddress()}/p/${due.slug}/monitors#alert-${due.alertId}`
  if (due.channel === 'mail') {
    // Taken out of the settings since: there is nobody to tell.
    if (settings.mail.length === 0) return
    return sendMail({
      to: settings.mail,
      subject: `${due.projectName}: ${due.event === 'fired' ? title : `${title}, over`}`,
      text: [figures, '', ...runbook.map((step, at) => `${at + 1}. ${step}`), '', address].join('\n'),
      messageId: due.id,
    })
  }
  if (!settings.webhook || !webhookSecret) return
  const body = JSON.stringify({
    id: due.id,
    event: `alert.${due.event}`,
    project: due.slug,
    alert: { id: due.alertId, kind: due.kind, subject: due.subject, title, figures, runbook, url: address },
  })
  const at = Math.floor(Date.now() / 1000)
  const { status } = await safeFetch(settings.webhook, {
    ...webhookLimits,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Amend',
      'amend-delivery': due.id,
      'amend-signature': `t=${at},v1=${signatureOf(webhookSecret, at, body)}`,
    },
    body,
  })
  if (status < 200 || status > 299) throw new NotTaken(`The webhook answered ${status}.`)
}

/** HMAC-SHA-256 over `<seconds>.<body>`, in hex: whoever holds the secret can tell that it came from here, and when. */
function signatureOf(secret: string, seconds: number, body: string): string {
  return createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
}
