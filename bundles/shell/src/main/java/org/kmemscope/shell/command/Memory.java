package org.kmemscope.shell.command;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.phys.PhysicalMemory;

/** Memory as {@code rd} and {@code wr} see it: through the page tables, or past them. Little endian. */
interface Memory {
    /** Reads a number of 1, 2, 4 or 8 bytes. */
    long read(long address, int size);

    /** Writes a number of 1, 2, 4 or 8 bytes. */
    void write(long address, int size, long value);

    /** Reads a string of at most {@code max} bytes. */
    String string(long address, int max);

    /** Writes bytes. */
    void write(long address, byte[] bytes);

    /** The memory of a process. */
    static Memory ofProcess(Call call, int pid) {
        return new User(call, pid);
    }

    /** The memory a command means. */
    static Memory of(Call call, boolean physical) {
        return physical ? new Physical(call.machine()) : new Virtual(call.kernel());
    }

    /** The address a command means. */
    static long address(Call call, boolean physical, String text) {
        return physical ? call.arguments().address(text) : call.arguments().virtual(text);
    }

    /** A string with its NUL. */
    static byte[] terminated(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return Arrays.copyOf(bytes, bytes.length + 1);
    }

    /** Through the page tables, as kernel code does it. */
    record Virtual(Kernel kernel) implements Memory {
        @Override
        public long read(long address, int size) {
            return switch (size) {
                case Byte.BYTES -> kernel.read8(address) & 0xff;
                case Integer.BYTES -> kernel.read32(address) & 0xffff_ffffL;
                case Long.BYTES -> kernel.read64(address);
                default -> {
                    byte[] bytes = kernel.read(address, Short.BYTES);
                    yield bytes[0] & 0xff | (bytes[1] & 0xff) << 8;
                }
            };
        }

        @Override
        public void write(long address, int size, long value) {
            switch (size) {
                case Byte.BYTES -> kernel.write8(address, (int) value);
                case Integer.BYTES -> kernel.write32(address, (int) value);
                case Long.BYTES -> kernel.write64(address, value);
                default -> kernel.write(address, new byte[] {(byte) value, (byte) (value >> 8)});
            }
        }

        @Override
        public String string(long address, int max) {
            return kernel.readString(address, max);
        }

        @Override
        public void write(long address, byte[] bytes) {
            kernel.write(address, bytes);
        }
    }

    /** RAM and device registers on the bus. */
    record Physical(Machine machine) implements Memory {
        private PhysicalMemory ram() {
            return machine.ram();
        }

        @Override
        public long read(long address, int size) {
            return machine.locked(() -> switch (size) {
                case Byte.BYTES -> (long) ram().read8(address);
                case Short.BYTES -> (long) ram().read16(address);
                case Integer.BYTES -> ram().read32(address) & 0xffff_ffffL;
                default -> ram().read64(address);
            });
        }

        @Override
        public void write(long address, int size, long value) {
            machine.locked(() -> {
                switch (size) {
                    case Byte.BYTES -> ram().write8(address, (int) value);
                    case Short.BYTES -> ram().write16(address, (int) value);
                    case Integer.BYTES -> ram().write32(address, (int) value);
                    default -> ram().write64(address, value);
                }
                return null;
            });
        }

        @Override
        public String string(long address, int max) {
            return machine.locked(() -> ram().readString(address, max));
        }

        @Override
        public void write(long address, byte[] bytes) {
            machine.locked(() -> {
                ram().write(address, bytes, 0, bytes.length);
                return null;
            });
        }
    }

    /** The address space of a process: what is not there comes in, as when the process itself touches it. */
    record User(Call call, int pid) implements Memory {
        private byte[] bytes(long address, int length) {
            return call.kernelCall("read", () -> call.machine().processes().read(pid, address, length));
        }

        @Override
        public long read(long address, int size) {
            byte[] bytes = bytes(address, size);
            long value = 0;
            for (int i = size - 1; i >= 0; i--) {
                value = value << Byte.SIZE | bytes[i] & 0xff;
            }
            return value;
        }

        @Override
        public void write(long address, int size, long value) {
            byte[] bytes = new byte[size];
            for (int i = 0; i < size; i++) {
                bytes[i] = (byte) (value >>> Byte.SIZE * i);
            }
            write(address, bytes);
        }

        @Override
        public String string(long address, int max) {
            StringBuilder text = new StringBuilder();
            byte next = bytes(address, 1)[0];
            while (next != 0 && text.length() < max) {
                text.append((char) (next & 0xff));
                next = bytes(address + text.length(), 1)[0];
            }
            return text.toString();
        }

        @Override
        public void write(long address, byte[] bytes) {
            call.kernelCall("write", () -> {
                call.machine().processes().write(pid, address, bytes);
                return true;
            });
        }
    }
}
