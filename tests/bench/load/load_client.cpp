#include "bench/load/load_client.hpp"

#include <utility>
//
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <optional>
#include <stdexcept>
#include <variant>

#include "base/overloaded.hpp"
#include "channel/channels.hpp"

namespace clued::bench {

namespace {

namespace asio = boost::asio;
namespace event = focus::event;
using asio::ip::udp;

constexpr std::chrono::milliseconds tick_interval{10};
constexpr unsigned cameras = 3;
/// Answers to a refresh of hundreds of endpoints arrive together.
constexpr int receive_buffer = 8 * 1024 * 1024;

}  // namespace

class LoadClient::Impl final : public EndpointHost {
 public:
  Impl(std::uint16_t port, NetworkSettings network)
      : daemon_(asio::ip::address_v4::loopback(), port),
        socket_(io_, udp::endpoint(asio::ip::address_v4::loopback(), 0)),
        channels_(
            io_, {}, [this](focus::Event event) { post(std::move(event)); }, [](const base::Record&) {}),
        timer_(io_) {
    if (network.percent_lost > 0 || network.delay.count() > 0) network_.emplace(io_, network);
    socket_.set_option(asio::socket_base::receive_buffer_size(receive_buffer));
    address_ = "127.0.0.1:" + std::to_string(socket_.local_endpoint().port());
    receive();
    tick();
  }

  Endpoint& add() {
    const auto number = static_cast<unsigned>(endpoints_.size() + 1);
    endpoints_.push_back(std::make_unique<Endpoint>(*this, number, address_, cameras));
    auto& endpoint = *endpoints_.back();
    by_call_id_.emplace(endpoint.call_id(), &endpoint);
    by_channel_.emplace(endpoint.channel(), &endpoint);
    return endpoint;
  }

  void run_until(const std::function<bool()>& done, base::Duration timeout) {
    const auto end = base::Clock::now() + timeout;
    while (!done()) {
      if (!trouble_.empty()) throw std::runtime_error(trouble_);
      if (base::Clock::now() > end) throw std::runtime_error("not done in time: " + states());
      io_.run_one();
    }
  }

  base::TimePoint last_news() const { return last_news_; }
  const std::vector<std::unique_ptr<Endpoint>>& endpoints() const { return endpoints_; }
  std::uint16_t port() const { return daemon_.port(); }

 private:
  // --- EndpointHost ---
  void send_sip(const std::string& datagram) override {
    boost::system::error_code ignored;  // lost, as on any network: it is repeated
    socket_.send_to(asio::buffer(datagram), daemon_, 0, ignored);
  }
  void open(const focus::command::OpenChannel& command) override { channels_.open(command); }
  void connect(const focus::command::ConnectChannel& command) override {
    if (!network_) return channels_.connect(command);
    channels_.connect({command.channel, command.local, network_->seen_from_inside(command.channel, command.remote)});
  }
  void send(focus::command::SendOnChannel command) override { channels_.send(std::move(command)); }
  void close(const focus::command::CloseChannel& command) override { channels_.close(command); }

  void receive() {
    socket_.async_receive(asio::buffer(buffer_), [this](const boost::system::error_code& error, std::size_t size) {
      if (!error) {
        dispatch({buffer_.data(), size});
      } else if (error == asio::error::operation_aborted) {
        return;
      }
      receive();
    });
  }

  void dispatch(std::string_view datagram) {
    const auto message = parse_sip(datagram);
    if (!message) return;
    const auto found = by_call_id_.find(std::string(message->header("Call-ID")));
    if (found == by_call_id_.end()) return;
    last_news_ = base::Clock::now();
    found->second->receive(*message, last_news_);
    note(*found->second);
  }

  /// Called from within the callbacks of the channels: only queues.
  void post(focus::Event event) {
    queue_.push_back(std::move(event));
    if (queue_.size() == 1) asio::post(io_, [this] { drain(); });
  }

  void drain() {
    auto events = std::exchange(queue_, {});
    for (const auto& one : events) {
      std::visit(base::overloaded{
                     [this](event::ChannelGathered known) {
                       if (network_) known.local = network_->seen_from_outside(known.channel, std::move(known.local));
                       hand_on(known);
                     },
                     [this](const event::ChannelEstablished& known) { hand_on(known); },
                     [this](const event::ChannelMessageReceived& known) { hand_on(known); },
                     [this](const event::ChannelFailed& known) { hand_on(known); },
                     [](const auto&) {},
                 },
                 one);
    }
  }

  template <class ChannelEvent>
  void hand_on(const ChannelEvent& one) {
    const auto found = by_channel_.find(one.channel);
    if (found == by_channel_.end()) return;
    last_news_ = base::Clock::now();
    found->second->on(one, last_news_);
    note(*found->second);
  }

  void tick() {
    timer_.expires_after(tick_interval);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      const auto now = base::Clock::now();
      for (const auto& endpoint : endpoints_) endpoint->tick(now);
      tick();
    });
  }

  void note(const Endpoint& endpoint) {
    if (trouble_.empty()) trouble_ = endpoint.trouble();
  }

  std::string states() const {
    std::size_t complete = 0;
    for (const auto& endpoint : endpoints_) complete += endpoint->is_complete() ? 1 : 0;
    return std::to_string(complete) + " of " + std::to_string(endpoints_.size()) + " endpoints are complete";
  }

  asio::io_context io_{1};
  udp::endpoint daemon_;
  udp::socket socket_;
  std::string address_;
  std::array<char, 65'536> buffer_{};
  std::vector<std::unique_ptr<Endpoint>> endpoints_;
  std::unordered_map<std::string, Endpoint*> by_call_id_;
  std::unordered_map<base::ChannelId, Endpoint*> by_channel_;
  std::deque<focus::Event> queue_;
  channel::Channels channels_;
  std::optional<LossyNetwork> network_;
  asio::steady_timer timer_;
  base::TimePoint last_news_{};
  std::string trouble_;
};

LoadClient::LoadClient(std::uint16_t port, NetworkSettings network) : impl_(std::make_unique<Impl>(port, network)) {}
LoadClient::~LoadClient() = default;

Endpoint& LoadClient::add() { return impl_->add(); }
void LoadClient::join(Endpoint& endpoint, const std::string& uri) { endpoint.join(uri, base::Clock::now()); }
void LoadClient::remove(Endpoint& referrer, const Endpoint& target) { referrer.remove(target, base::Clock::now()); }
std::string LoadClient::factory() const { return "sip:factory@127.0.0.1:" + std::to_string(impl_->port()); }

void LoadClient::run_until(const std::function<bool()>& done, base::Duration timeout) {
  impl_->run_until(done, timeout);
}

void LoadClient::run_for(base::Duration duration) {
  const auto end = base::Clock::now() + duration;
  run_until([end] { return base::Clock::now() >= end; }, duration + std::chrono::seconds(10));
}

base::TimePoint LoadClient::last_news() const { return impl_->last_news(); }
const std::vector<std::unique_ptr<Endpoint>>& LoadClient::endpoints() const { return impl_->endpoints(); }

}  // namespace clued::bench
