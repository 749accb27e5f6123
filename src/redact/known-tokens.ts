import { type Finding, findingOf } from './finding.ts'

// Tokens that are known by how they begin. Each must have a trigger in kernel/assembly/triggers.ts; the corpus in test/redact shows that they have.

/** Sources: the issuers' documentation of their formats. Where there is a group, it is the secret. */
const TOKENS = [
  // AWS: ids of access keys, long-lived and temporary.
  'A[KS]IA[A-Z0-9]{16}',
  // Google: API keys.
  'AIza[\\w-]{35}',
  // GitHub, GitLab.
  'gh[pousr]_[A-Za-z0-9]{36,255}',
  'github_pat_\\w{22,255}',
  'glpat-[\\w-]{20,255}',
  // Slack, Discord, Telegram.
  'xox[abeoprs]-[\\w-]{10,255}',
  'hooks\\.slack\\.com\\\\?/(?:services|workflows|triggers)\\\\?/([\\w/\\\\]{10,255})',
  'discord(?:app)?\\.com\\\\?/api\\\\?/(?:v\\d+\\\\?/)?webhooks\\\\?/(\\d{10,25}\\\\?/[\\w-]{20,255})',
  '(?:bot)?(\\d{8,10}:AA[\\w-]{33})',
  // Stripe, npm, Docker Hub, Shopify, DigitalOcean, Hugging Face, OpenAI, Anthropic.
  '[sr]k_(?:live|test)_[A-Za-z0-9]{16,255}',
  'npm_[A-Za-z0-9]{36}',
  'dckr_pat_[\\w-]{20,255}',
  'shpat_[a-fA-F0-9]{32}',
  'do[opr]_v1_[a-f0-9]{64}',
  'hf_[A-Za-z0-9]{30,255}',
  'sk-(?:ant|proj|svcacct|admin)-[\\w-]{20,255}',
  'sk-[A-Za-z0-9]{40,255}',
  // JSON Web Tokens, signed or encrypted. The signature may be empty.
  'eyJ[\\w-]{8,8192}\\.eyJ[\\w-]{2,8192}\\.[\\w-]{0,8192}(?:\\.[\\w-]{0,8192}){0,2}',
  'eyJ[\\w-]{8,8192}\\.[\\w-]{0,8192}\\.[\\w-]{8,8192}\\.[\\w-]{8,8192}\\.[\\w-]{8,8192}',
]

const ALL = new RegExp(`(?<![A-Za-z0-9])(?:${TOKENS.join('|')})(?![A-Za-z0-9])`, 'dg')

/** Characters of `://:x@`: no token is shorter. */
const LEAST_LENGTH = 6

/** `Bearer …` where no header's name stands before it. */
const BEARER = /(?<![A-Za-z0-9])(?:Bearer|BEARER)\s{1,3}(?=[A-Za-z._~+/=-]{0,4096}\d)([A-Za-z0-9._~+/=-]{16,8192})/dg

/** `://user:password@`, and `://token@`. */
const IN_URL = /:\\?\/\\?\/(?:[^\s/?#"'<>:@[]{0,256}:([^\s/?#"'<>]{1,512})|([^\s/?#"'<>:@[]{20,512}))@/dg

export function findKnownTokens(text: string): Finding[] {
  if (text.length < LEAST_LENGTH) return []
  const tokens = [...text.matchAll(ALL)].flatMap((match) => {
    const group = match.findIndex((part, index) => index > 0 && part !== undefined)
    return findingOf(match, Math.max(group, 0))
  })
  // Most texts in JSON have neither, and a pattern takes longer to say so.
  const bearers = /bearer/i.test(text) ? [...text.matchAll(BEARER)].flatMap((match) => findingOf(match, 1)) : []
  const inUrls = text.includes('@')
    ? [...text.matchAll(IN_URL)].flatMap((match) => findingOf(match, match[1] === undefined ? 2 : 1))
    : []
  return [...tokens, ...bearers, ...inUrls].filter(({ start, end }) => !isMark(text.slice(start, end)))
}

/** What stands in place of a secret already. */
export function isMark(value: string): boolean {
  return value.startsWith('[REDACTED')
}
