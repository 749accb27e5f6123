/** By state, which shapes may follow and the state behind them; `?`: only if a later line says so. `*`: any that begins nothing, `_`: any indented one. */
export const GRAMMAR: Readonly<Record<string, string>> = {
  lead: 'at=frames at{=properties cause=leadHeader? net=frames stack=stackHead hash0=hashes from=ruby blank=leadBlank? header=leadHeader? name=leadHeader? word=leadHeader? goFunc=leadHeader? traceback=pyTrace pyGroupHead=pyGrouped pyFile=pyCode goroutine=goStack elixir=elixir',
  rubyLead: 'rbFrame=ruby',
  header:
    'at=frames at{=properties cause=leadHeader? net=frames stack=stackHead hash0=hashes from=ruby blank=leadBlank?',
  leadHeader:
    'goFile=goStack at=frames at{=properties cause=leadHeader? net=frames stack=stackHead hash0=hashes from=ruby blank=leadBlank?',
  leadBlank: 'goroutine=goStack rbFrame=ruby from=ruby nodeEnd=over',
  frames: 'at=frames at{=properties more=frames cause=frames net=frames netEnd=frames blank=framesBlank?',
  framesBlank: 'nodeEnd=over',
  properties: '_=properties close=frames',
  pyTrace: 'pyFile=pyCode',
  pyCode: '_=pyCode header=pyDone name=pyDone word=pyDone',
  pyDone: 'blank=pyBlank?',
  pyBlank: 'pyChain=pyChained',
  pyChained: 'blank=pyChained traceback=pyTrace pyGroupHead=pyGrouped',
  pyGrouped: 'pyGroup=pyGrouped pyGroupHead=pyGrouped blank=pyBlank?',
  goPanic: 'indented=goPanic? signal=goPanic blank=goBlank? goroutine=goStack',
  goBlank: 'goroutine=goStack goExit=over',
  goStack: 'goFunc=goPlace? word=goPlace? goElided=goStack goroutine=goStack blank=goBlank? goExit=over',
  goPlace: 'goFile=goStack',
  rustHead: '*=rustMessage',
  rustMessage: 'indented=rustMessage note=over stack=rustTrace *=rustMessage?',
  rustTrace: 'rustFrame=rustTrace at=rustTrace indented=rustTrace note=over',
  stackHead: 'hash0=hashes rustFrame=rustTrace stack=stackHead',
  hashes: 'hash=hashes thrown=over phpEnd=over async=hashes stack=stackHead blank=hashBlank?',
  hashBlank: 'next=hashNext',
  hashNext: 'stack=stackHead',
  dartHead: 'hash0=hashes *=dartMessage?',
  dartMessage: 'hash0=hashes',
  elixir: '_=elixir exTail=elixir',
  erlang: '_=erlang stars=erlang elixir=erlang',
  ruby: 'from=ruby rbFrame=ruby',
  nodePath: '*=nodeSource?',
  nodeSource: 'caret=nodeCaret',
  nodeCaret: 'blank=nodeBlank? header=header at=frames',
  nodeBlank: 'header=header nodeEnd=over',
  over: '',
}

/** The state behind a first line of that shape. */
export const STARTS: Readonly<Record<string, string>> = {
  header: 'header',
  rbHead: 'header',
  rbLog: 'rubyLead',
  at: 'frames',
  'at{': 'properties',
  cause: 'leadHeader',
  traceback: 'pyTrace',
  pyGroupHead: 'pyGrouped',
  pyFile: 'pyCode',
  panic: 'goPanic',
  goroutine: 'goStack',
  rustPanic: 'rustHead',
  rustOld: 'rustMessage',
  dart: 'dartHead',
  elixir: 'elixir',
  erlang: 'erlang',
  console: 'console',
  nodePath: 'nodePath',
  open: 'json',
  pem: 'pem',
}

const INDENTED = 'indented at at{ more cause net pyFile pyGroup pyGroupHead from goFile rustFrame caret thrown'.split(
  ' ',
)
const BEGINNING =
  'traceback panic goroutine rustPanic rustOld dart erlang console nodePath open braced pem pyGroupHead rbHead rbLog'.split(
    ' ',
  )

/** The state behind a line of that shape, and whether a later one has to confirm it; undefined if it does not follow. */
export function follow(
  state: string,
  shape: string,
): { readonly state: string; readonly isMaybe: boolean } | undefined {
  for (const rule of (GRAMMAR[state] ?? '').split(' ')) {
    const [has = '', next = ''] = rule.split('=')
    const fits =
      has === shape || (has === '_' && INDENTED.includes(shape)) || (has === '*' && !BEGINNING.includes(shape))
    if (fits && next !== '') return { state: next.replace('?', ''), isMaybe: next.endsWith('?') }
  }
  return undefined
}
