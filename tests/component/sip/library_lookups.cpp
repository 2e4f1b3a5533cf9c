// No test of this program may see the library look up a name: its resolver spins for ever where the network has no
// route, and the system's would hold up the loop. What both would be asked comes here first.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include <string>
#include <thread>
#include <vector>

#include "sip/addresses.hpp"

namespace {

const std::thread::id loop_thread = std::this_thread::get_id();

std::vector<std::string>& names() {
  static std::vector<std::string> asked;
  return asked;
}

class NoLookups : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo&) override { names().clear(); }
  void OnTestEnd(const testing::TestInfo&) override {
    for (const std::string& name : names()) ADD_FAILURE() << "the library looked up " << name;
  }
};

const bool watched = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new NoLookups);
  return true;
}();

}  // namespace

extern "C" void* sres_query(void*, void*, void*, std::uint16_t, const char* domain) {
  names().emplace_back(domain);
  return nullptr;
}

// Only what the loop's own thread asks for would hold it up.
extern "C" int getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** result) {
  if (host != nullptr && std::this_thread::get_id() == loop_thread && !clued::sip::number_of(host)) {
    names().emplace_back(host);
    return EAI_FAIL;
  }
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto next = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return next(host, service, hints, result);
}

extern "C" int su_getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** result);

TEST(LibraryLookups, AreSeenHere) {
  addrinfo* found = nullptr;
  EXPECT_NE(su_getaddrinfo("slow.example.net", "5060", nullptr, &found), 0);
  EXPECT_EQ(names(), std::vector<std::string>{"slow.example.net"});
  names().clear();
}
