package daemon

// InstanceOf is instanceOf.
var InstanceOf = instanceOf
