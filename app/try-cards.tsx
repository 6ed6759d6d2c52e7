import type { ReactNode } from 'react'
import { DecisionBadge } from '@/components/ui/decision-badge'
import { Keycap } from '@/components/ui/keycap'
import { WordDiff } from '@/components/ui/word-diff'
import styles from './first-page.module.css'
import { TryReplies } from './welcome-replies'

/** The address that the seed gives the sample project on which the three ways begin. */
export const sampleSlug = 'demo'

/** The three sides of Amend that somebody can try, and the page of the sample project on which each begins. */
export const waysToTry = [
  { way: 'use', page: 'inbox', label: 'Open the inbox' },
  { way: 'review', page: 'queues', label: 'Open the queues' },
  { way: 'study', page: 'feedback', label: 'Explore feedback' },
] as const
export type WayToTry = (typeof waysToTry)[number]

const reviewKeys = [
  ['a', 'accept'],
  ['e', 'edit'],
  ['s', 'skip'],
  ['z', 'undo'],
] as const

/** One card for each way that is open; `enter` draws the button that goes there. */
export function TryCards({
  ways,
  enter,
}: {
  ways: readonly WayToTry[]
  enter: (way: WayToTry) => ReactNode
}) {
  return (
    <div className={styles.cards}>
      {ways.map(one => {
        const { title, who, sketch, task } = cards[one.way]
        return (
          <section key={one.way} className={styles.card} aria-labelledby={one.way}>
            <h2 id={one.way}>{title}</h2>
            <p className={styles.who}>{who}</p>
            {sketch}
            <p className={styles.task}>{task}</p>
            {enter(one)}
          </section>
        )
      })}
    </div>
  )
}

const cards: Record<WayToTry['way'], { title: string; who: string; sketch: ReactNode; task: string }> = {
  use: {
    title: 'Use it',
    who: 'as the person who gets the suggestions',
    sketch: <TryReplies />,
    task: 'Choose a reply, then undo it. This card is live.',
  },
  review: {
    title: 'Review it',
    who: 'as an annotator with a queue',
    sketch: (
      <div className={styles.sketch}>
        <p className={styles.asked}>Could you take Saturday morning instead of me?</p>
        <p>
          <WordDiff before="Sure, I can take Sunday." after="Sure, I can take Saturday morning." />
        </p>
        <ul className={styles.keys} aria-label="Keys of a reviewer">
          {reviewKeys.map(([chord, word]) => (
            <li key={chord} className={styles.key}>
              <Keycap chord={chord} /> {word}
            </li>
          ))}
        </ul>
      </div>
    ),
    task: 'Judge suggestions without the mouse, take any judgement back.',
  },
  study: {
    title: 'Study it',
    who: 'as the data scientist behind the model',
    sketch: (
      <ul className={styles.sketch} aria-label="What a row looks like">
        <li>
          <DecisionBadge decision="corrected" />
          <WordDiff before="Wednesday at ten is fine." after="Wednesday at half past ten is fine." />
        </li>
        <li>
          <DecisionBadge decision="accepted" />
          <span>Thanks, picked them up.</span>
        </li>
        <li>
          <DecisionBadge decision="undone" />
          <s>Sorry, I can’t make Saturday.</s>
        </li>
        <li>
          <DecisionBadge decision="guardrail" />
          <span>No suggestion for this one.</span>
        </li>
      </ul>
    ),
    task: 'See what people did with each suggestion, download the corrections.',
  },
}
