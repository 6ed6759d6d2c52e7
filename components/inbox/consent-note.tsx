'use client'
import { useId } from 'react'
import type { Consent } from '@/contract/v1/actor'
import { ApiError } from '@/sdk/client'
import { useSuggestionsSwitch } from '../shell/suggestions'
import { Button } from '../ui/button'
import { Switch } from '../ui/checkbox'
import { ErrorNote } from '../ui/error-note'
import styles from './consent-note.module.css'
import { ConsentWords } from './consent-words'
import { shownConsent } from './shown-consent'
import { useConsent } from './use-consent'

/** Stands before the first event: nothing is asked, shown or recorded until the person continues. */
export function ConsentNote({ initial }: { initial: Consent }) {
  const { consent, change } = useConsent(initial)
  const suggestions = useSuggestionsSwitch()
  const title = useId()
  return (
    <section className={styles.note} aria-labelledby={title}>
      <h2 id={title}>
        {consent.consentVersion === null
          ? 'Before the first suggestion'
          : 'What your words are used for has changed'}
      </h2>
      {consent.consentVersion === null ? null : (
        <p className={styles.changed}>
          You agreed to an earlier wording. What you did under it stays as it was said then, and is not
          learned from.
        </p>
      )}
      <ConsentWords />
      <div className={styles.switches}>
        <Switch
          label="Show me suggestions"
          checked={suggestions.on}
          onChange={on => void suggestions.setOn(on)}
        />
        <Switch
          label="Use what I do for training"
          checked={consent.trainingAllowed}
          onChange={trainingAllowed => change.mutate({ trainingAllowed })}
        />
      </div>
      <div className={styles.actions}>
        <Button
          kind="primary"
          busy={change.isPending}
          onClick={() => change.mutate({ accept: shownConsent })}
        >
          Continue
        </Button>
        <span className={styles.hint}>You can change both at any time.</span>
      </div>
      {change.error ? (
        <ErrorNote
          title="That didn’t save. Nothing was recorded."
          code={change.error instanceof ApiError ? change.error.code : undefined}
          onRetry={() => change.mutate({ accept: shownConsent })}
        >
          {change.error instanceof ApiError ? change.error.detail : null}
        </ErrorNote>
      ) : null}
    </section>
  )
}
