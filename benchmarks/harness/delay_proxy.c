/* A TCP proxy on loopback that makes distance: what goes in comes out so many microseconds later, each way.
 *
 *     delay_proxy LISTEN_PORT TARGET_PORT ONE_WAY_MICROSECONDS COUNTERS_FILE
 *
 * Two threads carry each direction of a connection: one reads and stamps each chunk with the moment at which it is due,
 * the other sleeps until that moment and writes. So a chunk never waits for an earlier one's sleep. The counters are
 * three 64-bit integers in a mapped file: round trips, connections, chunks. A round trip is a client that sends after it
 * has been answered. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

enum { ROUND_TRIPS, CONNECTIONS, CHUNKS, COUNTERS };
enum { CHUNK_BYTES = 65536, BACKLOG = 128 };
static const int64_t SECOND = 1000000000;

typedef struct chunk {
    struct chunk *next;
    int64_t due; /* nanoseconds on the monotonic clock */
    ssize_t size; /* 0: the sender has hung up */
    char bytes[];
} chunk;

typedef struct {
    int from, to;
    int upstream;         /* from the client to the server */
    atomic_int *answered; /* shared by both directions: the client has heard something since it last spoke */
    chunk *first, *last;
    pthread_mutex_t lock;
    pthread_cond_t filled;
} direction;

static int64_t one_way;
static _Atomic uint64_t *counters;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

static void sleep_until(int64_t due) {
#ifdef __linux__
    struct timespec time = {.tv_sec = due / SECOND, .tv_nsec = due % SECOND};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR) {}
#else
    for (int64_t left; (left = due - now()) > 0;) {
        struct timespec time = {.tv_sec = left / SECOND, .tv_nsec = left % SECOND};
        nanosleep(&time, NULL);
    }
#endif
}

static void append(direction *way, chunk *item) {
    pthread_mutex_lock(&way->lock);
    if (way->last) way->last->next = item;
    else way->first = item;
    way->last = item;
    pthread_cond_signal(&way->filled);
    pthread_mutex_unlock(&way->lock);
}

static chunk *take(direction *way) {
    pthread_mutex_lock(&way->lock);
    while (!way->first) pthread_cond_wait(&way->filled, &way->lock);
    chunk *item = way->first;
    way->first = item->next;
    if (!way->first) way->last = NULL;
    pthread_mutex_unlock(&way->lock);
    return item;
}

static void *read_side(void *argument) {
    direction *way = argument;
    static _Thread_local char bytes[CHUNK_BYTES];
    for (;;) {
        ssize_t size = read(way->from, bytes, sizeof bytes);
        if (size < 0) size = 0;
        chunk *item = malloc(sizeof *item + (size_t)size);
        if (!item) abort();
        *item = (chunk){.due = now() + one_way, .size = size};
        memcpy(item->bytes, bytes, (size_t)size);
        if (size && way->upstream && atomic_exchange(way->answered, 0)) atomic_fetch_add(&counters[ROUND_TRIPS], 1);
        if (size) atomic_fetch_add(&counters[CHUNKS], 1);
        append(way, item);
        if (!size) return NULL;
    }
}

static int write_all(int to, const chunk *item) {
    for (ssize_t sent = 0; sent < item->size;) {
        ssize_t size = write(to, item->bytes + sent, (size_t)(item->size - sent));
        if (size <= 0) return 0;
        sent += size;
    }
    return 1;
}

static void *write_side(void *argument) {
    direction *way = argument;
#ifdef __linux__
    prctl(PR_SET_TIMERSLACK, 1); /* the default of 50 microseconds would be a tenth of the way */
#endif
    for (;;) {
        chunk *item = take(way);
        if (!item->size) return shutdown(way->to, SHUT_WR), NULL;
        sleep_until(item->due);
        if (!way->upstream) atomic_store(way->answered, 1); /* before the client can answer back */
        int sent = write_all(way->to, item);
        free(item);
        if (!sent) return shutdown(way->from, SHUT_RD), NULL;
    }
}

static void start(void *(*side)(void *), direction *way) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, side, way)) abort();
    pthread_detach(thread);
}

static void carry(int from, int to, int upstream, atomic_int *answered) {
    int on = 1;
    setsockopt(from, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    direction *way = calloc(1, sizeof *way);
    if (!way) abort();
    *way = (direction){.from = from, .to = to, .upstream = upstream, .answered = answered};
    pthread_mutex_init(&way->lock, NULL);
    pthread_cond_init(&way->filled, NULL);
    start(read_side, way);
    start(write_side, way);
}

static struct sockaddr_in loopback(int port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void accept_one(int listener, int target_port) {
    int client = accept(listener, NULL, NULL), server = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in target = loopback(target_port);
    atomic_int *answered = calloc(1, sizeof *answered);
    if (client < 0 || !answered || connect(server, (struct sockaddr *)&target, sizeof target)) {
        close(client);
        close(server);
        return;
    }
    atomic_store(answered, 1);
    atomic_fetch_add(&counters[CONNECTIONS], 1);
    carry(client, server, 1, answered);
    carry(server, client, 0, answered);
}

static void map_counters(const char *path) {
    int file = open(path, O_RDWR);
    counters = mmap(NULL, COUNTERS * sizeof *counters, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (counters == MAP_FAILED) {
        perror(path);
        exit(1);
    }
}

int main(int count, char **arguments) {
    if (count != 5) {
        fprintf(stderr, "usage: delay_proxy LISTEN_PORT TARGET_PORT ONE_WAY_MICROSECONDS COUNTERS_FILE\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    one_way = atoll(arguments[3]) * 1000;
    map_counters(arguments[4]);
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = loopback(atoi(arguments[1]));
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, BACKLOG)) {
        perror("delay_proxy");
        return 1;
    }
    puts("listening");
    fflush(stdout);
    for (;;) accept_one(listener, atoi(arguments[2]));
}
