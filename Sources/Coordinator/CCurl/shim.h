#ifndef MLESTAR_CCURL_SHIM_H
#define MLESTAR_CCURL_SHIM_H

#include <curl/curl.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

// Swift cannot call variadic functions: one typed face for each sort of argument.

static inline CURLcode mlestar_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode mlestar_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode mlestar_curl_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode mlestar_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode mlestar_curl_set_headers(CURL *handle, struct curl_slist *headers) {
    return curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
}

typedef size_t (*mlestar_curl_bytes)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode mlestar_curl_on_bytes(CURL *handle, CURLoption function, CURLoption data,
                                             mlestar_curl_bytes callback, void *context) {
    CURLcode code = curl_easy_setopt(handle, function, callback);
    return code == CURLE_OK ? curl_easy_setopt(handle, data, context) : code;
}

typedef int (*mlestar_curl_address)(void *context, const struct sockaddr *address);

// Asks the callback before each socket is opened; a refused address gets none.
struct mlestar_curl_guard {
    mlestar_curl_address allows;
    void *context;
};

static curl_socket_t mlestar_curl_open_guarded(void *guard, curlsocktype purpose, struct curl_sockaddr *address) {
    struct mlestar_curl_guard *asked = (struct mlestar_curl_guard *)guard;
    if (purpose != CURLSOCKTYPE_IPCXN || !asked->allows(asked->context, &address->addr)) {
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static inline CURLcode mlestar_curl_guard_addresses(CURL *handle, struct mlestar_curl_guard *guard) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, mlestar_curl_open_guarded);
    return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, guard) : code;
}

static inline long mlestar_curl_get_long(CURL *handle, CURLINFO info) {
    long value = 0;
    return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : 0;
}

// The next finished transfer, or NULL.
static inline CURL *mlestar_curl_next_finished(CURLM *multi, CURLcode *result) {
    int left = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left)) != NULL;) {
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return message->easy_handle;
        }
    }
    return NULL;
}

#endif
