#include "sip/heap_trimmer.hpp"

#include <gtest/gtest.h>

namespace clued::sip::test {
namespace {

using namespace std::chrono_literals;

TEST(HeapTrimmer, GivesMemoryBackOnceWhenManyTransactionsHaveRunOut) {
  boost::asio::io_context io;
  std::size_t transactions = HeapTrimmer::many;
  unsigned looks = 0;
  unsigned trims = 0;
  HeapTrimmer heap(
      io, 1ms,
      [&] {
        if (++looks == 3) transactions = 0;
        return transactions;
      },
      [&trims] { ++trims; });
  for (std::size_t i = 0; i + 1 < HeapTrimmer::many; ++i) heap.note();
  EXPECT_EQ(io.run(), 0U) << "few requests are not worth it, and nobody waits";
  io.restart();
  for (std::size_t i = 0; i < 3 * HeapTrimmer::many; ++i) heap.note();
  io.run();
  EXPECT_EQ(looks, 3U) << "not while they are there";
  EXPECT_EQ(trims, 1U);
  EXPECT_EQ(heap.trims(), 1U);
  io.restart();
  heap.note();
  EXPECT_EQ(io.run(), 0U) << "then it begins anew";
}

}  // namespace
}  // namespace clued::sip::test
