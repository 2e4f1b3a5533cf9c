#include "sip/resolver.hpp"

#include <netdb.h>
#include <pthread.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <deque>
#include <list>
#include <mutex>
#include <unordered_map>
#include <utility>
// Boost 1.74 uses std::exchange without including it under C++20.
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "sip/addresses.hpp"

namespace clued::sip {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

/// glibc's resolver takes some 20 KB of it, its modules for other sources of names a few times that.
constexpr std::size_t stack_size = 256U * 1024U;

/// The socket to a name server, and a file or netlink for a moment.
constexpr std::size_t descriptors_of_a_lookup = 2;

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

/// Of the failures of getaddrinfo(3) these alone are about the name: EAI_AGAIN is a name server that is silent or has
/// failed itself, EAI_FAIL one that refuses us, and the rest is a matter of this machine.
Lookup::Outcome outcome_of(int failure) {
  const bool is_about_name = failure == EAI_NONAME || failure == EAI_NODATA || failure == EAI_ADDRFAMILY;
  return is_about_name ? Lookup::Outcome::unknown : Lookup::Outcome::unavailable;
}

/// On a thread.
Lookup ask_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* first = nullptr;
  if (const int failure = getaddrinfo(host.c_str(), nullptr, &hints, &first); failure != 0) {
    return {outcome_of(failure), {}};
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(first, freeaddrinfo);
  std::vector<std::string> addresses;
  for (const addrinfo* one = first; one != nullptr; one = one->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0) continue;
    if (auto number = number_of(text.data())) addresses.push_back(*std::move(number));
  }
  const auto outcome = addresses.empty() ? Lookup::Outcome::unknown : Lookup::Outcome::found;
  return {outcome, std::move(addresses)};
}

/// The way back from the threads to the loop. A mutex, because a thread must not post to a loop that is just ending; it
/// is held for that alone.
struct WayBack {
  std::mutex mutex;
  asio::io_context* io = nullptr;

  void post(std::function<void()> what) {
    const std::lock_guard lock(mutex);
    if (io != nullptr) asio::post(*io, std::move(what));
  }
  void close() {
    const std::lock_guard lock(mutex);
    io = nullptr;
  }
};

/// What one thread has to do.
struct Errand {
  std::string host;
  std::function<Lookup(const std::string&)> ask;
  std::shared_ptr<WayBack> way_back;
  std::function<void(const Lookup&)> then;  ///< on the loop
};

void run(Errand& errand) {
  Lookup lookup{Lookup::Outcome::unavailable, {}};
  try {
    lookup = errand.ask(errand.host);
  } catch (const std::bad_alloc&) {
    lookup.addresses.clear();
  }
  errand.way_back->post([then = std::move(errand.then), lookup = std::move(lookup)] { then(lookup); });
}

extern "C" void* clued_sip_look_up(void* errand) noexcept {
  run(*std::unique_ptr<Errand>(static_cast<Errand*>(errand)));
  return nullptr;
}

/// Nobody waits for it: a thread in getaddrinfo(3) cannot be stopped. Signals are not for it.
bool send_out(std::unique_ptr<Errand> errand) {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setstacksize(&attributes, stack_size);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  sigset_t all{};
  sigset_t before{};
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread{};
  const bool begun = pthread_create(&thread, &attributes, clued_sip_look_up, errand.get()) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  if (begun) static_cast<void>(errand.release());
  return begun;
}

}  // namespace

const char* text_of(Lookup::Outcome outcome) {
  switch (outcome) {
    case Lookup::Outcome::found:
      return "found";
    case Lookup::Outcome::unknown:
      return "unknown";
    case Lookup::Outcome::unavailable:
      return "unavailable";
    case Lookup::Outcome::too_slow:
      return "too slow";
    case Lookup::Outcome::too_many:
      return "too many";
    case Lookup::Outcome::no_descriptors:
      return "no descriptors";
  }
  return "";
}

struct Resolver::Impl : std::enable_shared_from_this<Resolver::Impl> {
  struct Waiter {
    Waiter(asio::io_context& io, std::uint64_t number, Then what) : id(number), timer(io), then(std::move(what)) {}
    std::uint64_t id;
    asio::steady_timer timer;
    Then then;
  };
  /// A name that is being looked up, or waits for its turn.
  struct Query {
    std::string owner;
    bool at_work = false;
    std::list<Waiter> waiters;
  };
  struct Remembered {
    Lookup lookup;
    Clock::time_point until;
  };

  Impl(asio::io_context& the_io, LookupSettings the_settings, base::DescriptorBudget the_descriptors)
      : io(the_io),
        settings(std::move(the_settings)),
        descriptors(std::move(the_descriptors)),
        way_back(std::make_shared<WayBack>()) {
    way_back->io = &io;
    // What those at work have yet to open nobody can see. At worst it is the reserve that they open it from.
    if (descriptors.limit() == 0) return;
    settings.max_at_once = std::min(settings.max_at_once, descriptors.reserve() / descriptors_of_a_lookup);
  }

  asio::io_context& io;
  LookupSettings settings;
  base::DescriptorBudget descriptors;
  std::shared_ptr<WayBack> way_back;
  std::unordered_map<std::string, Query> queries;
  std::deque<std::string> waiting;  ///< names of queries that are not at work, in the order in which they came
  std::unordered_map<std::string, std::size_t> at_work_for;
  std::size_t at_work = 0;
  std::uint64_t last_waiter = 0;
  std::unordered_map<std::string, Remembered> remembered;
  std::deque<std::string> remembered_order;

  const Lookup* remembered_of(const std::string& host) const {
    const auto found = remembered.find(host);
    return found == remembered.end() || found->second.until <= Clock::now() ? nullptr : &found->second.lookup;
  }

  void remember(const std::string& host, const Lookup& lookup) {
    // What we are short of can be there again the next moment.
    if (lookup.outcome == Lookup::Outcome::too_many || lookup.outcome == Lookup::Outcome::no_descriptors) return;
    const auto time = lookup.addresses.empty() ? settings.remember_failed : settings.remember_found;
    if (time.count() == 0) return;
    if (remembered.find(host) == remembered.end()) {
      if (remembered_order.size() >= settings.max_remembered) {
        remembered.erase(remembered_order.front());
        remembered_order.pop_front();
      }
      remembered_order.push_back(host);
    }
    remembered[host] = {lookup, Clock::now() + time};
  }

  void look_up(const std::string& host, const std::string& owner, Then then) {
    if (const Lookup* known = remembered_of(host)) return then(Lookup(*known));
    auto found = queries.find(host);
    if (found == queries.end()) {
      if (waiting.size() >= settings.max_waiting) return then({Lookup::Outcome::too_many, {}});
      found = queries.emplace(host, Query{owner, false, {}}).first;
      waiting.push_back(host);
    }
    auto& waiters = found->second.waiters;
    Waiter& waiter = waiters.emplace_back(io, ++last_waiter, std::move(then));
    // The time runs from the question on, whether somebody works on it or not.
    waiter.timer.expires_after(settings.time_limit);
    waiter.timer.async_wait([self = weak_from_this(), host, id = waiter.id](const boost::system::error_code& stopped) {
      const auto impl = self.lock();
      if (!stopped && impl) impl->give_up(host, id);
    });
    send_next();
  }

  void give_up(const std::string& host, std::uint64_t id) {
    const auto found = queries.find(host);
    if (found == queries.end()) return;
    auto& waiters = found->second.waiters;
    const auto waiter = std::find_if(waiters.begin(), waiters.end(), [id](const Waiter& one) { return one.id == id; });
    if (waiter == waiters.end()) return;
    const Then then = std::move(waiter->then);
    waiters.erase(waiter);
    const bool was_at_work = found->second.at_work;
    if (!was_at_work && waiters.empty()) {
      std::erase(waiting, host);
      queries.erase(found);
    }
    const Lookup lookup{was_at_work ? Lookup::Outcome::too_slow : Lookup::Outcome::too_many, {}};
    if (was_at_work) remember(host, lookup);
    then(lookup);
  }

  /// The next one is of whom the fewest are at work, so that one who asks for much does not hold up others.
  void send_next() {
    while (at_work < settings.max_at_once && !waiting.empty()) {
      const auto best = std::min_element(waiting.begin(), waiting.end(), [this](const auto& a, const auto& b) {
        return at_work_for_owner_of(a) < at_work_for_owner_of(b);
      });
      if (at_work_for_owner_of(*best) >= settings.max_at_once_per_owner) return;
      const std::string host = *best;
      waiting.erase(best);
      send(host);
    }
  }

  std::size_t at_work_for_owner_of(const std::string& host) const {
    const auto found = at_work_for.find(queries.at(host).owner);
    return found == at_work_for.end() ? 0 : found->second;
  }

  void send(const std::string& host) {
    Query& query = queries.at(host);
    query.at_work = true;
    ++at_work;
    ++at_work_for[query.owner];
    if (!descriptors.allows(descriptors_of_a_lookup, base::DescriptorBudget::Use::call)) {
      return answer_later(host, Lookup::Outcome::no_descriptors);
    }
    auto errand = std::make_unique<Errand>();
    errand->host = host;
    errand->ask = settings.ask ? settings.ask : ask_system;
    errand->way_back = way_back;
    errand->then = [self = weak_from_this(), host](const Lookup& lookup) {
      if (const auto impl = self.lock()) impl->answer(host, lookup);
    };
    // No thread is to be had: as if there were too many.
    if (!send_out(std::move(errand))) answer_later(host, Lookup::Outcome::too_many);
  }

  /// Nobody is asked.
  void answer_later(const std::string& host, Lookup::Outcome outcome) {
    asio::post(io, [self = weak_from_this(), host, outcome] {
      if (const auto impl = self.lock()) impl->answer(host, {outcome, {}});
    });
  }

  void answer(const std::string& host, const Lookup& lookup) {
    const auto found = queries.find(host);
    if (found == queries.end()) return;
    Query query = std::move(found->second);
    queries.erase(found);
    --at_work;
    if (const auto count = at_work_for.find(query.owner); --count->second == 0) at_work_for.erase(count);
    remember(host, lookup);
    for (Waiter& waiter : query.waiters) waiter.timer.cancel();
    for (Waiter& waiter : query.waiters) waiter.then(lookup);
    send_next();
  }
};

Resolver::Resolver(asio::io_context& io, LookupSettings settings, base::DescriptorBudget descriptors)
    : impl_(std::make_shared<Impl>(io, std::move(settings), std::move(descriptors))) {}

Resolver::~Resolver() {
  stop();
  impl_->way_back->close();
}

void Resolver::look_up(const std::string& host, const std::string& owner, Then then) {
  if (const auto number = number_of(host)) return then({Lookup::Outcome::found, {*number}});
  if (!is_host_name(host)) return then({Lookup::Outcome::unknown, {}});
  impl_->look_up(lower(host), owner, std::move(then));
}

void Resolver::stop() {
  for (auto& [host, query] : impl_->queries) query.waiters.clear();
}

std::size_t Resolver::at_work() const { return impl_->at_work; }

}  // namespace clued::sip
