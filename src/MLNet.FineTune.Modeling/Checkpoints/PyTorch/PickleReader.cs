using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace MLNet.FineTune.Checkpoints.PyTorch;

/// <summary>Reads a pickle of protocol 2 to 4 as plain data: a stack machine whose only calls are those of <see cref="PickleGlobals"/>.</summary>
/// <remarks>Opcodes: CPython's <c>Lib/pickletools.py</c>. Memory stays proportional to the pickle: no opcode copies more than it consumes.</remarks>
internal ref struct PickleReader
{
    private static readonly object Mark = new();
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _pickle;
    private readonly List<object?> _stack = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private readonly Dictionary<string, PickleStorage>? _storages;
    private int _position;

    private PickleReader(ReadOnlySpan<byte> pickle, Dictionary<string, PickleStorage>? storages)
    {
        _pickle = pickle;
        _storages = storages;
    }

    /// <summary>The object that the pickle describes.</summary>
    /// <param name="pickle">The bytes of <c>data.pkl</c>.</param>
    /// <param name="location">The file, for messages.</param>
    /// <exception cref="InvalidDataException">The pickle is malformed, or wants more than an allow-listed name.</exception>
    public static object? Read(ReadOnlySpan<byte> pickle, string location) => Read(pickle, location, out _);

    /// <inheritdoc cref="Read(ReadOnlySpan{byte}, string)"/>
    /// <param name="pickle">Bytes that begin with a pickle.</param>
    /// <param name="location">The file, for messages.</param>
    /// <param name="length">How many bytes the pickle takes.</param>
    /// <param name="storages">Receives the storages that it refers to, by key; null where nobody asks.</param>
    public static object? Read(ReadOnlySpan<byte> pickle, string location, out int length, Dictionary<string, PickleStorage>? storages = null)
    {
        var reader = new PickleReader(pickle, storages);
        try
        {
            object? value = reader.Run();
            length = reader._position;
            return value;
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentOutOfRangeException or DecoderFallbackException)
        {
            string what = e is InvalidDataException ? e.Message : e is DecoderFallbackException ? "a text is not UTF-8" : "it ends early, or takes more from its stack than is there";
            throw new InvalidDataException($"{location}: the pickle of the weights cannot be used (byte {reader._position}): {what}.", e);
        }
    }

    private object? Run()
    {
        while (true)
        {
            byte opcode = Byte();
            switch (opcode)
            {
                case (byte)'.':
                    object? result = Pop();
                    return _stack.Count == 0 ? result : throw new InvalidDataException("it ends with more than one object on its stack");
                case 0x80: // PROTO
                    if (Byte() is var protocol and not (>= 2 and <= 4))
                        throw new InvalidDataException($"it is of protocol {protocol}; expected 2 to 4");
                    break;
                case 0x95: // FRAME, a hint for buffering
                    Bytes(8);
                    break;
                case (byte)'(':
                    _stack.Add(Mark);
                    break;
                case (byte)'0':
                    Pop();
                    break;
                case (byte)'2':
                    _stack.Add(Peek());
                    break;
                case (byte)'q':
                    _memo[Byte()] = Peek();
                    break;
                case (byte)'r':
                    _memo[UInt32()] = Peek();
                    break;
                case 0x94: // MEMOIZE
                    _memo[(uint)_memo.Count] = Peek();
                    break;
                case (byte)'h':
                    _stack.Add(Recall(Byte()));
                    break;
                case (byte)'j':
                    _stack.Add(Recall(UInt32()));
                    break;
                default:
                    if (!Push(opcode) && !Build(opcode))
                        throw new InvalidDataException($"opcode 0x{opcode:x2} is not one that weights need; nothing was executed");
                    break;
            }
        }
    }

    /// <summary>Opcodes that push a constant.</summary>
    private bool Push(byte opcode)
    {
        object? value;
        switch (opcode)
        {
            case (byte)'N': value = null; break;
            case 0x88: value = true; break;
            case 0x89: value = false; break;
            case (byte)'J': value = (long)BinaryPrimitives.ReadInt32LittleEndian(Bytes(4)); break;
            case (byte)'K': value = (long)Byte(); break;
            case (byte)'M': value = (long)BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2)); break;
            case 0x8a: value = Long(Byte()); break;
            case 0x8b: value = Long(UInt32()); break;
            case (byte)'G': value = BinaryPrimitives.ReadDoubleBigEndian(Bytes(8)); break;
            case (byte)'X': value = Utf8.GetString(Bytes(UInt32())); break;
            case 0x8c: value = Utf8.GetString(Bytes(Byte())); break;
            case 0x8d: value = Utf8.GetString(Bytes(BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8)))); break;
            case (byte)'U': value = Encoding.Latin1.GetString(Bytes(Byte())); break;
            case (byte)'T': value = Encoding.Latin1.GetString(Bytes(UInt32())); break;
            case (byte)'C': value = Bytes(Byte()).ToArray(); break;
            case (byte)'B': value = Bytes(UInt32()).ToArray(); break;
            case (byte)')': value = Array.Empty<object?>(); break;
            case (byte)']': value = new List<object?>(); break;
            case (byte)'}': value = new PickleDict(); break;
            case (byte)'c': value = PickleGlobals.Resolve(Line(), Line()); break;
            default: return false;
        }
        _stack.Add(value);
        return true;
    }

    /// <summary>Opcodes that make an object of those on the stack.</summary>
    private bool Build(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'t':
                _stack.Add(PopToMark());
                break;
            case 0x85 or 0x86 or 0x87: // TUPLE1 to TUPLE3
                _stack.Add(Pop(opcode - 0x84));
                break;
            case (byte)'a':
                Append([Pop()]);
                break;
            case (byte)'e':
                Append(PopToMark());
                break;
            case (byte)'s':
                SetItems(Pop(2));
                break;
            case (byte)'u':
                SetItems(PopToMark());
                break;
            case (byte)'R':
                object? arguments = Pop();
                _stack.Add(PickleGlobals.Call(Pop(), arguments));
                break;
            case (byte)'b': // attributes of an OrderedDict, such as _metadata, carry no weights
                Pop();
                if (Peek() is not PickleDict)
                    throw new InvalidDataException("it sets the attributes of something other than a dict; nothing was executed");
                break;
            case (byte)'Q':
                PickleStorage storage = PickleGlobals.Storage(Pop());
                if (_storages is not null && !_storages.TryAdd(storage.Key, storage) && _storages[storage.Key] != storage)
                    throw new InvalidDataException($"it refers to the storage '{storage.Key}' as two different ones");
                _stack.Add(storage);
                break;
            case 0x93: // STACK_GLOBAL
                _stack.Add(Pop(2) is [string module, string name] ? PickleGlobals.Resolve(module, name) : throw new InvalidDataException("the name of a global is not text"));
                break;
            default:
                return false;
        }
        return true;
    }

    private readonly void Append(object?[] values)
    {
        if (Peek() is not List<object?> list)
            throw new InvalidDataException("it appends to something other than a list");
        list.AddRange(values);
    }

    private readonly void SetItems(object?[] values)
    {
        if (Peek() is not PickleDict dict || values.Length % 2 != 0)
            throw new InvalidDataException("it sets items of something other than a dict, or a key without a value");
        for (int i = 0; i < values.Length; i += 2)
            dict.Items.Add(new(values[i], values[i + 1]));
    }

    private readonly object? Peek() => _stack[^1] is var top && top != Mark ? top : throw new InvalidDataException("a mark stands where an object is expected");

    private readonly object? Pop() => Pop(1)[0];

    private readonly object?[] Pop(int count)
    {
        object?[] values = CollectionsMarshal.AsSpan(_stack)[(_stack.Count - count)..].ToArray();
        if (values.Contains(Mark))
            throw new InvalidDataException("a mark stands where an object is expected");
        _stack.RemoveRange(_stack.Count - count, count);
        return values;
    }

    private readonly object?[] PopToMark()
    {
        int mark = _stack.LastIndexOf(Mark);
        if (mark < 0)
            throw new InvalidDataException("there is no mark on its stack");
        object?[] values = Pop(_stack.Count - mark - 1);
        _stack.RemoveAt(mark);
        return values;
    }

    private readonly object? Recall(uint index) =>
        _memo.TryGetValue(index, out object? value) ? value : throw new InvalidDataException($"it recalls object {index}, which it never kept");

    private byte Byte() => Bytes(1)[0];

    private uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));

    private ReadOnlySpan<byte> Bytes(ulong count)
    {
        if (count > (ulong)(_pickle.Length - _position))
            throw new InvalidDataException($"it ends early: {count} bytes are expected, {_pickle.Length - _position} are left");
        ReadOnlySpan<byte> bytes = _pickle.Slice(_position, (int)count);
        _position += (int)count;
        return bytes;
    }

    /// <summary>A little-endian two's complement integer; Python's grow without limit, sizes do not.</summary>
    private long Long(uint count)
    {
        ReadOnlySpan<byte> bytes = Bytes(count);
        if (count > sizeof(long))
            throw new InvalidDataException($"an integer of {count} bytes is beyond 64 bits");
        long value = 0;
        for (int i = 0; i < bytes.Length; i++)
            value |= (long)bytes[i] << 8 * i;
        int unused = 64 - 8 * bytes.Length;
        return bytes.IsEmpty ? 0 : value << unused >> unused;
    }

    private string Line()
    {
        int length = _pickle[_position..].IndexOf((byte)'\n');
        if (length < 0)
            throw new InvalidDataException("the name of a global does not end");
        string line = Utf8.GetString(Bytes((uint)length));
        _position++;
        return line;
    }
}
