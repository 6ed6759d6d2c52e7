import type { ComponentProps } from 'react'
import { Avatar } from '../ui/avatar'
import styles from './account-menu.module.css'

/** The button that the account menu hangs on. */
export function AccountButton({
  name,
  named,
  ...rest
}: { name: string; named: boolean } & ComponentProps<'button'>) {
  return (
    <button
      type="button"
      className={styles.trigger}
      data-named={named || undefined}
      aria-label={`Account of ${name}`}
      {...rest}
    >
      <Avatar name={name} />
      {named ? <span className={styles.name}>{name}</span> : null}
    </button>
  )
}
