import type { Outcome, StatusAnswer } from '../model/sink.ts'

const REASON = 'the answer is a page of HTML: this URL does not accept log entries'

/** What a 2xx means that is a page: of a login, or of a server that answers so to each path. Undefined for any other answer. */
export function pageOfHtml({ status, headers }: StatusAnswer): Outcome | undefined {
  const isPage = status >= 200 && status < 300 && /\bhtml\b/i.test(String(headers['content-type'] ?? ''))
  return isPage ? { kind: 'retry', cause: 'set-up', status: 'HTML', reason: REASON, afterMs: 0 } : undefined
}
