import type { Preset } from '../../src/model/redaction.ts'

/** A line with a secret, and what must not leave the node of it. */
export interface Positive {
  readonly preset: Preset
  readonly line: string
  readonly secrets: readonly string[]
}

// Made of parts, so that no scanner takes them for real ones.
const letters = (count: number) => 'aB3dE5gH7jK9'.repeat(30).slice(0, count)
const capitals = (count: number) => 'Q7XWZ4RTK2'.repeat(10).slice(0, count)
const hex = (count: number) => '0a1b2c3d4e5f6789'.repeat(10).slice(0, count)
const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url')
const jwt = [part({ alg: 'HS256', typ: 'JWT' }), part({ sub: '1234567890', name: 'Jo' }), letters(43)].join('.')
const jwe = [part({ alg: 'dir', enc: 'A256GCM' }), '', letters(16), letters(60), letters(22)].join('.')
const github = `ghp_${letters(36)}`

const of = (preset: Preset, line: string, ...secrets: string[]): Positive => ({ preset, line, secrets })

const cards = [
  of('cards', 'paid with 4111111111111111 today', '4111111111111111'),
  of('cards', 'paid with 4111 1111 1111 1111', '1111 1111'),
  of('cards', 'card=5555-5555-5555-4444, ok', '5555-4444'),
  of('cards', 'amex 3782 822463 10005.', '822463'),
  of('cards', 'amex 378282246310005', '378282246310005'),
  of('cards', '2026-11-29 07:00:00 2223003122003222 accepted', '2223003122003222'),
  of('cards', '2026-11-29 6011000990139424', '6011000990139424'),
  of('cards', '1 3530111333300000 JCB', '3530111333300000'),
  of('cards', 'diners:30569309025904', '30569309025904'),
  of('cards', 'diners 3056 930902 5904', '930902'),
  of('cards', 'card_4222222222222', '4222222222222'),
  of('cards', '{"card":"4111111111111111","n":1}', '4111111111111111'),
  of('cards', '{"card":4111111111111111}', '4111111111111111'),
  of('cards', '[4111111111111111]', '4111111111111111'),
  of('cards', '{"a":{"b":["4111 1111 1111 1111"]}}', '4111'),
  of('cards', `x ${'word '.repeat(40)}6759649826438453 maestro`, '6759649826438453'),
  of('cards', 'mir 2200123456789019 and 6212345678901232', '2200123456789019', '6212345678901232'),
]

const emails = [
  of('emails', 'mail to jo.doe+shop@example.com failed', 'jo.doe', 'example.com'),
  of('emails', 'from=<info@mail.example.co.uk>, size=1', 'info@'),
  of('emails', 'user=zoë@münchen.de logged in', 'zoë', 'münchen'),
  of('emails', '{"email":"jo@example.com"}', 'jo@example.com'),
  of('emails', '{"email":"jo\\u0040example.com"}', 'example.com'),
  of('emails', '{"jo@example.com":1}', 'jo@example.com'),
  of('emails', 'payload={\\"mail\\":\\"jo@example.com\\"}', 'jo@example.com'),
  of('emails', "INSERT INTO u VALUES (1, 'jo@example.com')", 'jo@example.com'),
  of('emails', 'jo@example.com', 'jo@example.com'),
  of('emails', "o'hara@example.org wrote", "o'hara", 'example.org'),
]

const ips = [
  of('ips', '10.0.3.17 - - [29/Nov/2026] "GET / HTTP/1.1" 200', '10.0.3.17'),
  of('ips', 'connect to 192.168.1.254:8080 failed', '192.168.1.254'),
  of('ips', 'peer=/10.1.2.3:4711 closed', '10.1.2.3'),
  of('ips', 'web/10.1.2.3:4711 closed', '10.1.2.3'),
  of('ips', 'http://203.0.113.9/x', '203.0.113.9'),
  of('ips', 'from 2001:db8::8a2e:370:7334 port 22', '2001:db8'),
  of('ips', 'from [2001:0db8:85a3:0000:0000:8a2e:0370:7334]:443', '85a3'),
  of('ips', 'fe80::1: unreachable', 'fe80::1'),
  of('ips', 'dial 2001:db8:85a3:8d3:1319:8a2e:370:7348: connection refused', '85a3:8d3'),
  of('ips', '{"msg":"peers:\\n::ffff:203.0.113.9"}', '203.0.113.9'),
  of('ips', 'x=::ffff:203.0.113.9', '203.0.113.9'),
  of('ips', '{"ip":"203.0.113.9"}', '203.0.113.9'),
  of('ips', 'route 10.96.0.0/12 via 10.0.0.1', '10.96.0.0', '10.0.0.1'),
]

const known = [
  of('tokens', `key AKIA${capitals(16)} used`, `AKIA${capitals(16)}`),
  of('tokens', `ASIA${capitals(16)}`, `ASIA${capitals(16)}`),
  of('tokens', `https://maps.example.com/?key=AIza${letters(35)}&q=1`, letters(35)),
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((start) => of('tokens', `x ${start}${letters(36)} y`, letters(36))),
  of('tokens', `github_pat_${letters(22)}_${letters(59)}`, letters(22)),
  of('tokens', `glpat-${letters(20)}`, letters(20)),
  of('tokens', `slack xoxb-123456789012-${letters(24)}`, letters(24)),
  of('tokens', `POST https://hooks.slack.com/services/T${capitals(8)}/B${capitals(8)}/${letters(24)} 200`, letters(24)),
  of('tokens', `{"url":"https:\\/\\/hooks.slack.com\\/services\\/T${capitals(8)}\\/B1\\/${letters(24)}"}`, letters(24)),
  of('tokens', `https://discord.com/api/webhooks/123456789012345678/${letters(68)}`, letters(68)),
  of('tokens', `https://api.telegram.org/bot123456789:AA${letters(33)}/sendMessage`, letters(33)),
  of('tokens', `stripe sk_live_${letters(24)}`, letters(24)),
  of('tokens', `stripe rk_test_${letters(24)}`, letters(24)),
  of('tokens', `npm_${letters(36)}`, letters(36)),
  of('tokens', `dckr_pat_${letters(27)}`, letters(27)),
  of('tokens', `shpat_${hex(32)}`, hex(32)),
  of('tokens', `dop_v1_${hex(64)}`, hex(64)),
  of('tokens', `hf_${letters(34)}`, letters(34)),
  of('tokens', `sk-ant-api03-${letters(40)}`, letters(40)),
  of('tokens', `sk-proj-${letters(48)}`, letters(48)),
  of('tokens', `{"msg":"keys in use:\\nsk-proj-${letters(48)}\\tsk-ant-api03-${letters(40)}"}`, letters(40)),
  of('tokens', `got ${jwt} from client`, jwt.slice(0, 30), letters(43)),
  of('tokens', `{"t":"${jwt}"}`, letters(43)),
  of('tokens', `encrypted ${jwe}`, letters(60)),
  of('tokens', `sending Bearer ${letters(32)}`, letters(32)),
  of('tokens', 'postgres://shop:hunter2@db.example.com:5432/shop', 'hunter2'),
  of('tokens', 'amqp://u:p@ss@w0rd@mq/ closed', 'p@ss', 'w0rd'),
  of('tokens', `git clone https://${github}@github.com/acme/shop.git`, github),
  of('tokens', '{"dsn":"mysql:\\/\\/root:hunter2@db\\/x"}', 'hunter2'),
]

const named = [
  of('tokens', 'password=hunter2', 'hunter2'),
  of('tokens', 'DB_PASSWORD=hunter2 started', 'hunter2'),
  of('tokens', 'spring.datasource.password: hunter2', 'hunter2'),
  of('tokens', 'msg="login" user=jo passwd="hun ter2" ok=true', 'hun ter2'),
  of('tokens', 'args: --db-password hunter2 --port 80', 'hunter2'),
  of('tokens', 'args: --token=abc123def', 'abc123def'),
  of('tokens', 'args: --apikey abc123def --x', 'abc123def'),
  of('tokens', 'args: --client-secret "abc 123"', 'abc 123'),
  of('tokens', 's3: accesskey=abc123def', 'abc123def'),
  of('tokens', 'ACCESSKEY=abc123def', 'abc123def'),
  of('tokens', 'client_secret=abc123def456&grant_type=x', 'abc123def456'),
  of('tokens', 'GET /x?access_token=abc123def&y=1 200', 'abc123def'),
  of('tokens', `api_key: "${letters(20)}"`, letters(20)),
  of('tokens', `X-Api-Key: ${letters(20)}`, letters(20)),
  of('tokens', `apiKey=${letters(20)}`, letters(20)),
  of('tokens', `aws_secret_access_key = ${letters(40)}`, letters(40)),
  of(
    'tokens',
    `DefaultEndpointsProtocol=https;AccountName=x;AccountKey=${letters(86)}==;EndpointSuffix=y`,
    letters(86),
  ),
  of('tokens', `https://x.blob.core.windows.net/c?sv=2026&sig=${letters(43)}%3D&se=1`, letters(43)),
  of('tokens', 'Server=db;Uid=sa;Pwd=hunter2;', 'hunter2'),
  of('tokens', '{"user":"jo","password":"hunter2"}', 'hunter2'),
  of('tokens', '{"user":"jo","password":12345678}', '12345678'),
  of('tokens', '{"a":{"dbPassword" : "hun\\"ter2"}}', 'ter2'),
  of('tokens', '{"log":"{\\"password\\":\\"hunter2\\"}"}', 'hunter2'),
  of('tokens', '{"log":"{\\"x\\":\\"{\\\\\\"password\\\\\\":\\\\\\"hunter2\\\\\\"}\\"}"}', 'hunter2'),
  of('tokens', 'body: {"password":"hunter2"} sent', 'hunter2'),
  of('tokens', "config {'password': 'hunter2', 'x': 1}", 'hunter2'),
  of('tokens', '{"headers":{"Authorization":["Bearer abc.def-123"]}}', 'abc.def-123'),
  of('tokens', 'Authorization: Basic dXNlcjpodW50ZXIy', 'dXNlcjpodW50ZXIy'),
  of('tokens', '> authorization: Bearer abc123\r', 'abc123'),
  of('tokens', 'map[Authorization:[Bearer abc123] Accept:[*/*]]', 'abc123'),
  of(
    'tokens',
    'Authorization: Digest username="jo", realm="x", response="6629fae49393a05397450978507c4ef1"',
    '6629fae4',
  ),
  of('tokens', 'Proxy-Authorization: Basic dXNlcjpodW50ZXIy', 'dXNlcjpodW50ZXIy'),
  of('tokens', '{"token":"abc"}', '"abc"'),
  of('tokens', 'secret => s3cr3t99', 's3cr3t99'),
]

const body = Array.from({ length: 6 }, (_, line) => `MII${line}${letters(60)}`)
/** A key as OpenSSL writes it. */
export const privateKey = [
  '-----BEGIN RSA PRIVATE KEY-----',
  ...body,
  'qQ7xWZ4rTk29aB3d',
  '-----END RSA PRIVATE KEY-----',
]

const keys = [
  of('tokens', JSON.stringify({ private_key: `${privateKey.join('\n')}\n` }), ...body),
  of('tokens', JSON.stringify({ x: privateKey.join('\n') }), ...body),
  of('tokens', `KEY="${privateKey.join('\\n')}"`, ...body),
  of('tokens', body[0] ?? '', body[0] ?? ''),
  of('tokens', `    ${body[0]}`, body[0] ?? ''),
]

export const positives: readonly Positive[] = [...cards, ...emails, ...ips, ...known, ...named, ...keys]
