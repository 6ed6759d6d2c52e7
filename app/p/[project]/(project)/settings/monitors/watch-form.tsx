'use client'
import { type FormEvent, useState } from 'react'
import { useChange } from '@/components/shell/use-change'
import { Button } from '@/components/ui/button'
import { Checkbox } from '@/components/ui/checkbox'
import { CopyField } from '@/components/ui/copy-field'
import { ErrorNote } from '@/components/ui/error-note'
import { SelectField } from '@/components/ui/select-field'
import { TextField } from '@/components/ui/text-field'
import type { ChangeWatchAnswer, WatchSettingsView } from '@/contract/v1/monitors'
import { leastEffects, watchKinds, watchWords } from '@/domain/watch-words'
import styles from '../../project.module.css'
import own from './watch-form.module.css'

const kinds = watchKinds
const asNumber = (typed: string) => Number(typed.replace(',', '.') || Number.NaN)

export function WatchForm({
  project,
  watch: { settings, mailOffered, hasWebhookSecret },
  mayChange,
}: {
  project: string
  watch: WatchSettingsView
  mayChange: boolean
}) {
  const { reference, breaker } = settings
  const [on, setOn] = useState(() => new Set(kinds.filter(kind => !settings.off.includes(kind))))
  const [least, setLeast] = useState<Record<string, string>>(() =>
    Object.fromEntries(kinds.map(kind => [kind, String(settings.least[kind] ?? leastEffects[kind])])),
  )
  const [how, setHow] = useState<string>(reference.kind)
  const [days, setDays] = useState(reference.kind === 'rolling' ? String(reference.days) : '28')
  const [from, setFrom] = useState(reference.kind === 'fixed' ? reference.from : '')
  const [to, setTo] = useState(reference.kind === 'fixed' ? reference.to : '')
  const [webhook, setWebhook] = useState(settings.webhook ?? '')
  const [mail, setMail] = useState(settings.mail.join(', '))
  const [breaks, setBreaks] = useState(breaker.on)
  const [most, setMost] = useState(String(Math.round(breaker.most * 100)))
  const [leastN, setLeastN] = useState(String(breaker.leastN))
  const [hours, setHours] = useState(String(breaker.hours))
  const [secret, setSecret] = useState<string | null>(null)
  const { run, tell, busy, refusal } = useChange(project)
  const errorAt = (field: string, words: string) => (refusal?.field?.startsWith(field) ? words : null)

  async function save(event: FormEvent) {
    event.preventDefault()
    if (busy || !mayChange) return
    const answer = await run<ChangeWatchAnswer>('save', 'PATCH', `/projects/${project}/monitors/settings`, {
      reference: how === 'rolling' ? { kind: 'rolling', days: asNumber(days) } : { kind: 'fixed', from, to },
      off: kinds.filter(kind => !on.has(kind)),
      least: Object.fromEntries(
        kinds.flatMap(kind =>
          asNumber(least[kind] ?? '') === leastEffects[kind] ? [] : [[kind, asNumber(least[kind] ?? '')]],
        ),
      ),
      webhook: webhook.trim() || null,
      ...(mailOffered
        ? {
            mail: mail
              .split(/[\s,]+/)
              .map(one => one.trim())
              .filter(Boolean),
          }
        : {}),
      breaker: { on: breaks, most: asNumber(most) / 100, leastN: asNumber(leastN), hours: asNumber(hours) },
    })
    if (!answer) return
    if (answer.webhookSecret) setSecret(answer.webhookSecret)
    tell(
      answer.actionId ? 'Saved.' : 'Nothing differed.',
      answer.actionId,
      'Undone. It is watched as before.',
    )
  }

  return (
    <form className={styles.form} onSubmit={save} noValidate>
      <fieldset className={own.fields} disabled={!mayChange}>
        <section className={styles.section} aria-labelledby="rules">
          <h2 id="rules">Rules</h2>
          {kinds.map(kind => (
            <div key={kind} className={own.rule}>
              <Checkbox
                label={watchWords[kind].label}
                checked={on.has(kind)}
                onChange={checked => {
                  const next = new Set(on)
                  if (checked) next.add(kind)
                  else next.delete(kind)
                  setOn(next)
                }}
              />
              <TextField
                label={`${watchWords[kind].label}: fires from`}
                labelHidden
                hint={`Fires from here on: ${watchWords[kind].effect}.`}
                inputMode="decimal"
                value={least[kind] ?? ''}
                error={errorAt(`least.${kind}`, 'A number from 0 on, as 0.05.')}
                onChange={event => setLeast({ ...least, [kind]: event.target.value })}
              />
            </div>
          ))}
        </section>
        <section className={styles.section} aria-labelledby="reference">
          <h2 id="reference">Compared with</h2>
          <div className={styles.line}>
            <SelectField
              label="Reference"
              value={how}
              onChange={event => setHow(event.target.value)}
              options={[
                { value: 'rolling', label: 'The days before' },
                { value: 'fixed', label: 'Fixed days' },
              ]}
            />
            {how === 'rolling' ? (
              <TextField
                label="Days"
                note="3 to 180"
                inputMode="numeric"
                value={days}
                error={errorAt('reference', 'A whole number from 3 to 180.')}
                onChange={event => setDays(event.target.value)}
              />
            ) : (
              <>
                <TextField
                  label="From"
                  type="date"
                  value={from}
                  error={errorAt('reference', 'Two days, the earlier first.')}
                  onChange={event => setFrom(event.target.value)}
                />
                <TextField label="To" type="date" value={to} onChange={event => setTo(event.target.value)} />
              </>
            )}
          </div>
        </section>
        <section className={styles.section} aria-labelledby="told">
          <h2 id="told">Who is told</h2>
          <TextField
            label="Webhook"
            note="https, signed"
            type="url"
            value={webhook}
            error={errorAt('webhook', 'An address as https://example.org/hook.')}
            hint={
              hasWebhookSecret
                ? 'Its secret was told when it was first set.'
                : 'Its secret is told once, when you save.'
            }
            onChange={event => setWebhook(event.target.value)}
          />
          {secret ? <CopyField label="Secret of the webhook" value={secret} /> : null}
          {mailOffered ? (
            <TextField
              label="Mail to"
              note="Separated by commas"
              value={mail}
              error={errorAt('mail', 'Up to ten addresses.')}
              onChange={event => setMail(event.target.value)}
            />
          ) : null}
        </section>
        <section className={styles.section} aria-labelledby="breaker">
          <h2 id="breaker">Circuit breaker</h2>
          <Checkbox
            label="Pause suggestions when too many are corrected or rejected"
            hint="People write their own meanwhile. An owner lets suggestions go on; the pause stands in History and can be undone."
            checked={breaks}
            onChange={setBreaks}
          />
          <div className={styles.line}>
            <TextField
              label="More than"
              note="% of judged"
              inputMode="decimal"
              value={most}
              error={errorAt('breaker.most', 'From 5 to 100.')}
              onChange={event => setMost(event.target.value)}
            />
            <TextField
              label="Of at least"
              note="judged"
              inputMode="numeric"
              value={leastN}
              error={errorAt('breaker.leastN', 'A whole number from 10 on.')}
              onChange={event => setLeastN(event.target.value)}
            />
            <TextField
              label="In the last"
              note="hours, 1 to 720"
              inputMode="numeric"
              value={hours}
              error={errorAt('breaker.hours', 'A whole number from 1 to 720.')}
              onChange={event => setHours(event.target.value)}
            />
          </div>
        </section>
        {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
        {mayChange ? (
          <div className={styles.actions}>
            <Button type="submit" busy={busy === 'save'}>
              Save
            </Button>
          </div>
        ) : null}
      </fieldset>
    </form>
  )
}
