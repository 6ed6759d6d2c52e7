import {
  Check,
  CircleDashed,
  Eye,
  EyeOff,
  Feather,
  Flag,
  Hourglass,
  type LucideIcon,
  Minus,
  PenLine,
  Redo2,
  Send,
  ShieldAlert,
  SkipForward,
  Star,
  Target,
  Undo2,
  X,
} from 'lucide-react'
import { classNames } from './class-names'
import styles from './decision-badge.module.css'

export type DecisionKind =
  | 'accepted'
  | 'corrected'
  | 'written'
  | 'rejected'
  | 'dismissed'
  | 'undone'
  | 'redone'
  | 'ignored'
  | 'guardrail'
  | 'waiting'
  | 'sending'
  | 'chosen'
  | 'shown'
  | 'skipped'
  | 'flagged'
  | 'rated'
  | 'revealed'
  | 'outcome'
  | 'blind'
  | 'model'

const looks: Record<DecisionKind, { word: string; icon: LucideIcon; tone: string }> = {
  accepted: { word: 'Accepted', icon: Check, tone: 'accept' },
  corrected: { word: 'Corrected', icon: PenLine, tone: 'correct' },
  written: { word: 'Written', icon: Feather, tone: 'correct' },
  rejected: { word: 'Rejected', icon: X, tone: 'reject' },
  dismissed: { word: 'Dismissed', icon: X, tone: 'undo' },
  undone: { word: 'Undone', icon: Undo2, tone: 'undo' },
  redone: { word: 'Redone', icon: Redo2, tone: 'undo' },
  ignored: { word: 'Ignored', icon: Minus, tone: 'plain' },
  guardrail: { word: 'Guardrail', icon: ShieldAlert, tone: 'caution' },
  waiting: { word: 'Waiting', icon: Hourglass, tone: 'caution' },
  sending: { word: 'Sending', icon: Send, tone: 'plain' },
  chosen: { word: 'Chosen', icon: PenLine, tone: 'plain' },
  shown: { word: 'Shown', icon: CircleDashed, tone: 'model' },
  skipped: { word: 'Skipped', icon: SkipForward, tone: 'plain' },
  flagged: { word: 'Flagged', icon: Flag, tone: 'caution' },
  rated: { word: 'Rated', icon: Star, tone: 'plain' },
  revealed: { word: 'Revealed', icon: Eye, tone: 'plain' },
  outcome: { word: 'Outcome', icon: Target, tone: 'plain' },
  blind: { word: 'Blind', icon: EyeOff, tone: 'blind' },
  model: { word: 'Model', icon: CircleDashed, tone: 'model' },
}

export interface DecisionBadgeProps {
  decision: DecisionKind
  /** Replaces the word, never removes it: “Sending in 5 s”. */
  label?: string
  /** `pill` stands alone; `inline` sits in rows and tables; `icon` marks a picture, its word for whoever listens. */
  shape?: 'pill' | 'inline' | 'icon'
}

/** A decision as icon and word, so that colour is never alone. */
export function DecisionBadge({ decision, label, shape = 'inline' }: DecisionBadgeProps) {
  const { word, icon: Icon, tone } = looks[decision]
  return (
    <span className={classNames(styles.badge, styles[shape])} data-tone={tone}>
      <Icon aria-hidden />
      {shape === 'icon' ? <span className="visually-hidden">{label ?? word}</span> : (label ?? word)}
    </span>
  )
}
