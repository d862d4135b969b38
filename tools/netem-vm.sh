#!/usr/bin/env bash
# The story of the bad link by the kernel (tests/e2e/netem.sh) where this machine's kernel has no
# netem: in a small machine of qemu with Debian's kernel, which reads this machine's files and
# writes only into its own memory. Needs qemu-system-x86, busybox-static, cpio, kmod, iproute2.
# Use: netem-vm.sh MOEI
set -euo pipefail
moei=$(readlink -f "$1") root=$PWD
for tool in qemu-system-x86_64 busybox cpio depmod modprobe ip tc; do
    PATH=$PATH:/sbin:/usr/sbin command -v "$tool" >/dev/null ||
        { echo "netem-vm: $tool is missing: apt-get install qemu-system-x86 busybox-static cpio kmod iproute2" >&2; exit 2; }
done
PATH=$PATH:/sbin:/usr/sbin
vm=$(mktemp -d)
trap 'rm -rf "$vm"' EXIT
package=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -n 1)
(cd "$vm" && apt-get -qq -o APT::Sandbox::User=root download "$package" && dpkg -x "$package"_*.deb k)
mkdir -p "$vm/i/m" "$vm/i/bin" "$vm/i/root"
version=$(ls "$vm/k/lib/modules")
depmod -b "$vm/k" "$version"
modules=
for m in virtio_pci 9pnet_virtio 9p veth sch_netem; do
    for file in $(modprobe -d "$vm/k" -S "$version" --show-depends "$m" | awk '$1 == "insmod" { print $2 }'); do
        [ -e "$vm/i/m/$(basename "$file")" ] && continue
        cp "$file" "$vm/i/m/"
        modules+=" $(basename "$file")"
    done
done
cp "$(command -v busybox)" "$vm/i/bin/busybox"
cat >"$vm/i/init" <<END
#!/bin/busybox sh
for m in $modules; do /bin/busybox insmod /m/\$m; done
/bin/busybox mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,ro host /root
exec /bin/busybox chroot /root /bin/bash $vm/run
END
cat >"$vm/run" <<END
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/mnt TMPDIR=/mnt
for m in proc:/proc sysfs:/sys devtmpfs:/dev tmpfs:/mnt tmpfs:/run; do busybox mount -t \${m%%:*} none \${m#*:}; done
mkdir -p /run/netns
ip link set lo up
date -s @$(date +%s) >/dev/null
cd $root
echo "# Linux \$(uname -r)"
MOEI=$moei MOEI_ROUNDS=1 bash tests/e2e/netem.sh
echo "netem-vm: exit \$?"
echo o >/proc/sysrq-trigger
sleep 10
END
chmod +x "$vm/i/init"
(cd "$vm/i" && find . | cpio -o -H newc 2>/dev/null | gzip) >"$vm/initrd"
# Emulated, not by KVM: it also runs inside a machine that is one itself, and the link is slow anyway.
timeout 3000 qemu-system-x86_64 -accel tcg -cpu max -m 3G -nographic -no-reboot \
    -kernel "$vm"/k/boot/vmlinuz-* -initrd "$vm/initrd" -append "console=ttyS0 quiet edd=off" \
    -fsdev local,id=h,path=/,security_model=none,readonly=on,multidevs=remap \
    -device virtio-9p-pci,fsdev=h,mount_tag=host </dev/null |
    sed -u 's|\r||g' | tee "$vm/out" | grep --line-buffered -E '^(ok|not ok|skip|#|netem-vm|    )'
grep -q '^ok .* records came through' "$vm/out" && grep -q '^netem-vm: exit 0' "$vm/out"
