function read(depth) {
  if (depth > 0) return read(depth - 1)
  throw new TypeError('the file is gone')
}

async function load() {
  try {
    read(2)
  } catch (cause) {
    throw Object.assign(new Error('cannot load', { cause }), { code: 'ELOAD' })
  }
}

console.error('starting')
try {
  read(1)
} catch (error) {
  console.error('request failed:', error)
  console.error(error)
}
console.error('next request')
load()
  .catch((error) => console.error(error))
  .then(() => {
    console.error('between')
    console.error(JSON.stringify({ level: 'info', items: [1, { a: [] }], text: 'a {\nb' }, null, 2))
    console.error('{"level":"info","msg":"one line"}')
    try {
      require('node:fs').readFileSync('/nowhere')
    } catch (error) {
      console.error(error)
    }
    console.error(new AggregateError([new Error('one'), new RangeError('two')], 'several'))
    setTimeout(() => read(0))
  })
