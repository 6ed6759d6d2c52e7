'use client'
import { type FormEvent, useId, useState } from 'react'
import { useChange } from '@/components/shell/use-change'
import { Button } from '@/components/ui/button'
import { Checkbox } from '@/components/ui/checkbox'
import { ErrorNote } from '@/components/ui/error-note'
import { TextField } from '@/components/ui/text-field'
import type { ChangeSettingsAnswer, Settings } from '@/contract/v1/settings'
import type { Mode } from '@/domain/project-settings'
import styles from '../project.module.css'
import { modeWords } from './mode-words'

export function BehaviourForm({ project, settings }: { project: string; settings: Settings }) {
  const [name, setName] = useState(settings.name)
  const [mode, setMode] = useState<Mode>(settings.mode)
  const [timeZone, setTimeZone] = useState(settings.timeZone)
  const [redact, setRedact] = useState(settings.redactBeforeReview)
  const zones = useId()
  const { run, tell, busy, refusal, errorOf } = useChange(project)

  async function save(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    const answer = await run<ChangeSettingsAnswer>('save', 'PATCH', `/projects/${project}/settings`, {
      name: name.trim(),
      mode,
      timeZone: timeZone.trim(),
      redactBeforeReview: redact,
    })
    if (answer)
      tell(
        answer.actionId ? 'Settings saved.' : 'Nothing differed.',
        answer.actionId,
        'Undone. The settings are as before.',
      )
  }

  return (
    <form className={styles.form} onSubmit={save} noValidate>
      <TextField
        label="Project name"
        required
        maxLength={100}
        value={name}
        error={errorOf('name')}
        onChange={event => setName(event.target.value)}
      />
      <p className={styles.lead}>
        {settings.taskLabel} has harm class <strong>{settings.harmClass}</strong>. {settings.harmMeans} The
        class belongs to the task and bounds what a model may do:
      </p>
      <fieldset className={styles.choices}>
        <legend>Mode</legend>
        {(Object.keys(modeWords) as Mode[]).map(one => {
          const allowed = settings.allowedModes.includes(one)
          return (
            <label key={one} className={styles.choice} data-off={!allowed || undefined}>
              <input
                type="radio"
                name="mode"
                value={one}
                checked={mode === one}
                disabled={!allowed}
                onChange={() => setMode(one)}
              />
              <span>{modeWords[one].label}</span>
              <span>{allowed ? modeWords[one].means : `${settings.taskLabel} does not allow it.`}</span>
            </label>
          )
        })}
      </fieldset>
      <TextField
        label="Time zone"
        hint="Decides where a day begins, as Europe/Lisbon."
        list={zones}
        autoComplete="off"
        spellCheck={false}
        value={timeZone}
        error={errorOf('timeZone')}
        onChange={event => setTimeZone(event.target.value)}
      />
      <datalist id={zones}>
        {Intl.supportedValuesOf('timeZone').map(zone => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <Checkbox
        label="Take personal data out before review"
        hint="E-mail addresses, numbers and addresses in an item, before anybody who reviews reads it. What was taken out stays out of queues and datasets, also once this is off."
        checked={redact}
        onChange={setRedact}
      />
      {refusal && !['name', 'timeZone'].includes(refusal.field ?? '') ? (
        <ErrorNote title={refusal.detail} code={refusal.code} />
      ) : null}
      <div className={styles.actions}>
        <Button type="submit" busy={busy === 'save'}>
          Save behaviour
        </Button>
      </div>
    </form>
  )
}
