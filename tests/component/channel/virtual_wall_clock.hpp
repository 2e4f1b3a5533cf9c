#pragma once

#include <chrono>

namespace clued::channel::test {

/// usrsctp and OpenSSL decide by gettimeofday() whether something is to be retransmitted. The test program has its own,
/// the real one plus this, so that tests in virtual time can take them along.
void advance_wall_clock(std::chrono::microseconds by) noexcept;

}  // namespace clued::channel::test
