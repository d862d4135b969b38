int suite_api(void);
int suite_api(void) {
    return 0;
}
