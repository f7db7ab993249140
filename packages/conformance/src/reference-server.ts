console.log('reference-server: not written yet')
