throw new TypeError('the file is gone')
