#include "sip/resolver.hpp"

#include <utility>
// Boost 1.74 uses std::exchange without including it under C++20.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

namespace clued::sip {

struct Resolver::Impl {
  explicit Impl(boost::asio::io_context& io) : resolver(io) {}
  boost::asio::ip::udp::resolver resolver;
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);
};

Resolver::Resolver(boost::asio::io_context& io) : impl_(std::make_unique<Impl>(io)) {}

Resolver::~Resolver() { *impl_->alive = false; }

void Resolver::resolve(const std::string& host, std::function<void(const std::vector<std::string>&)> then) {
  boost::system::error_code error;
  const auto number = boost::asio::ip::make_address(host, error);
  if (!error) return then({number.to_string()});
  impl_->resolver.async_resolve(
      host, "",
      [alive = impl_->alive, then = std::move(then)](const boost::system::error_code& failure,
                                                     const boost::asio::ip::udp::resolver::results_type& all) {
        if (!*alive) return;
        std::vector<std::string> addresses;
        if (!failure) {
          for (const auto& one : all) addresses.push_back(one.endpoint().address().to_string());
        }
        then(addresses);
      });
}

}  // namespace clued::sip
