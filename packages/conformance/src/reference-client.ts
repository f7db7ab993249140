console.log('reference-client: not written yet')
