import { calendarOf } from '@/domain/series'
import type { TaskViewerProps } from '../task-type'
import type { NumericPayload } from './task'
import styles from './viewer.module.css'

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

/** A period as it is studied: all that is known before its number is. */
export function NumericViewer({ payload }: TaskViewerProps<NumericPayload>) {
  const { series, time, unit, event } = payload
  const facts = [
    ['Series', series],
    ['Time', `${weekdays[calendarOf(time).weekday]}, ${time.replace('T', ' ')}`],
    ...(event ? [['Special day', event]] : []),
    ...(unit ? [['Counted in', unit]] : []),
  ]
  return (
    <dl className={styles.facts}>
      {facts.map(([term, words]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd dir="auto">{words}</dd>
        </div>
      ))}
    </dl>
  )
}
