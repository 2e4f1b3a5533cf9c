// After some of the mutated packets of SctpMisbehaviour usrsctp keeps a reference to an endpoint of its own for ever,
// though its socket is closed. usrsctp_finish() then refuses, and all of the library's tables stay behind. What is ours
// (associations, sockets, addresses) is counted by the tests themselves.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libusrsctp.so\n"; }
