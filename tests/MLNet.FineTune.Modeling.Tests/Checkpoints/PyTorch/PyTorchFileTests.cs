using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Checkpoints.PyTorch;
using TorchSharp;
using static MLNet.FineTune.Tests.Checkpoints.PyTorch.TorchArchive;

namespace MLNet.FineTune.Tests.Checkpoints.PyTorch;

[TestClass]
public class PyTorchFileTests
{
    private static readonly Dictionary<string, byte[]> Six = new() { ["0"] = Floats(0, 1, 2, 3, 4, 5) };

    [TestMethod]
    [DataRow("albert")]
    [DataRow("bert")]
    [DataRow("deberta-v2")]
    [DataRow("distilbert")]
    [DataRow("electra")]
    [DataRow("mpnet")]
    [DataRow("roberta")]
    [DataRow("xlm-roberta")]
    public void Holds_the_same_tensors_as_the_safetensors_file_beside_it(string family)
    {
        string folder = SharedData.Require("fixtures", "encoders", family, "sequence");
        using var pickled = PyTorchFile.Open(Path.Combine(folder, "pytorch_model.bin"));
        using var safe = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        // Buffers such as position_ids are in both or only in the pickle, by the version that saved them.
        CollectionAssert.IsSubsetOf(safe.Tensors.Keys.ToArray(), pickled.Tensors.Keys.ToArray());
        foreach (string name in safe.Tensors.Keys)
        {
            using torch.Tensor expected = safe.Read(name), read = pickled.Read(name);
            Assert.AreEqual(expected.dtype, read.dtype, name);
            CollectionAssert.AreEqual(expected.shape, read.shape, name);
            Assert.IsTrue(expected.bytes.SequenceEqual(read.bytes), name);
        }
    }

    [TestMethod]
    [DataRow(CompressionLevel.NoCompression, "archive/", null)]
    [DataRow(CompressionLevel.SmallestSize, "pytorch_model/", "little")]
    [DataRow(CompressionLevel.NoCompression, "", "little")]
    public void Views_are_read_as_PyTorch_sees_them(CompressionLevel level, string folder, string? byteOrder)
    {
        byte[] pickle = StateDict(
            ("whole", "FloatStorage", "0", 6, 0, [2, 3], [3, 1]),
            ("transposed", "FloatStorage", "0", 6, 0, [3, 2], [1, 3]),
            ("column", "FloatStorage", "0", 6, 1, [2], [3]),
            ("scalar", "FloatStorage", "0", 6, 5, [], []),
            ("tail", "FloatStorage", "0", 6, 4, [1, 2], [77, 1]),
            ("expanded", "FloatStorage", "0", 6, 2, [4, 1], [0, 1]),
            ("empty", "FloatStorage", "0", 6, 6, [0, 3], [3, 1]));
        using var file = PyTorchFile.Parse(Create(pickle, Six, folder, level, byteOrder), "weights");
        Check("whole", 0, 1, 2, 3, 4, 5);
        Check("transposed", 0, 3, 1, 4, 2, 5);
        Check("column", 1, 4);
        Check("scalar", 5);
        Check("tail", 4, 5);
        Check("expanded", 2, 2, 2, 2);
        Check("empty");

        void Check(string name, params float[] expected)
        {
            using torch.Tensor read = file.Read(name), wide = file.Read(name, torch.ScalarType.Float64);
            CollectionAssert.AreEqual(expected, MemoryMarshal.Cast<byte, float>(read.bytes).ToArray(), name);
            CollectionAssert.AreEqual(Array.ConvertAll(expected, x => (double)x), MemoryMarshal.Cast<byte, double>(wide.bytes).ToArray(), name);
            CollectionAssert.AreEqual(file.Tensors[name].Shape.ToArray(), read.shape, name);
        }
    }

    [TestMethod]
    [DataRow("BoolStorage", 1, torch.ScalarType.Bool)]
    [DataRow("ByteStorage", 1, torch.ScalarType.Byte)]
    [DataRow("CharStorage", 1, torch.ScalarType.Int8)]
    [DataRow("ShortStorage", 2, torch.ScalarType.Int16)]
    [DataRow("IntStorage", 4, torch.ScalarType.Int32)]
    [DataRow("LongStorage", 8, torch.ScalarType.Int64)]
    [DataRow("HalfStorage", 2, torch.ScalarType.Float16)]
    [DataRow("BFloat16Storage", 2, torch.ScalarType.BFloat16)]
    [DataRow("DoubleStorage", 8, torch.ScalarType.Float64)]
    public void Every_storage_type_is_read(string type, int size, torch.ScalarType expected)
    {
        byte[] data = new byte[3 * size];
        data[size] = 1;
        using var file = PyTorchFile.Parse(Create(StateDict(("w", type, "0", 3, 0, [3], [1])), new Dictionary<string, byte[]> { ["0"] = data }), "weights");
        using torch.Tensor read = file.Read("w");
        Assert.AreEqual(expected, read.dtype);
        Assert.IsTrue(read.bytes.SequenceEqual(data));
    }

    [TestMethod]
    [DataRow("state_dict")]
    [DataRow("model_state_dict")]
    [DataRow("model")]
    public void A_wrapped_state_dict_with_training_state_is_found(string wrapper)
    {
        byte[] inner = [(byte)'}', (byte)'(', .. Text("w"), .. Tensor("FloatStorage", "0", 6, 0, [6], [1]), (byte)'u'];
        byte[] pickle = Pickle([(byte)'}', (byte)'(', .. Text("epoch"), (byte)'K', 3, .. Text("best"), (byte)'G', .. new byte[8], .. Text("names"), (byte)']', (byte)'K', 1, (byte)'a', .. Text(wrapper), .. inner, (byte)'u']);
        using var file = PyTorchFile.Parse(Create(pickle, Six), "weights");
        CollectionAssert.AreEqual(new[] { "w" }, file.Tensors.Keys.ToArray());
    }

    [TestMethod]
    public void Parameters_attributes_and_protocol_4_are_understood()
    {
        byte[] tensor = Tensor("FloatStorage", "0", 6, 0, [6], [1]);
        byte[] pickle =
        [
            0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0, // PROTO, FRAME
            0x8c, 11, .. "collections"u8, 0x8c, 11, .. "OrderedDict"u8, 0x93, 0x94, (byte)')', (byte)'R', // STACK_GLOBAL, MEMOIZE
            0x8c, 1, (byte)'w', .. "ctorch._utils\n_rebuild_parameter\n"u8, .. tensor, 0x88, (byte)'N', 0x87, (byte)'R', (byte)'s',
            (byte)'}', .. Text("_metadata"), (byte)'h', 0, (byte)')', (byte)'R', (byte)'s', (byte)'b', (byte)'.', // BUILD
        ];
        using var file = PyTorchFile.Parse(Create(pickle, Six), "weights");
        using torch.Tensor read = file.Read("w");
        CollectionAssert.AreEqual(new float[] { 0, 1, 2, 3, 4, 5 }, read.data<float>().ToArray());
    }

    [TestMethod]
    public void Nothing_but_the_allow_list_is_looked_up()
    {
        byte[] attack = Pickle([.. "cos\nsystem\n("u8, .. Text("touch x"), .. "tR"u8]);
        string message = Refused(Create(attack));
        StringAssert.Contains(message, "'system' of module 'os'");
        StringAssert.Contains(message, "nothing was executed");
        StringAssert.Contains(Refused(Create(Pickle([.. Text("builtins"), .. Text("eval"), 0x93]))), "'eval' of module 'builtins'");
        StringAssert.Contains(Refused(Create(Pickle("cargparse\nNamespace\n)\u0081"u8))), "Namespace");
        StringAssert.Contains(Refused(Create(Pickle("ctorch\nQInt8Storage\n"u8))), "torch.QInt8Storage");
    }

    [TestMethod]
    public void Foreign_files_are_named()
    {
        StringAssert.Contains(Refused(Encoding.ASCII.GetBytes("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n")), "git lfs pull");
        StringAssert.Contains(Refused([0x80, 2, (byte)'}', (byte)'.']), "torch.save did not write");
        StringAssert.Contains(Refused([]), "empty");
        StringAssert.Contains(Refused([1, 2, 3, 4]), "not a zip archive");
        byte[] whole = Create(StateDict(("w", "FloatStorage", "0", 6, 0, [6], [1])), Six);
        StringAssert.Contains(Refused(whole[..^30]), "truncated");
        StringAssert.Contains(Refused(Create(Pickle("N"u8), folder: "a/", byteOrder: "big")), "little-endian");
    }

    [TestMethod]
    public void Windows_outside_their_storage_are_refused()
    {
        StringAssert.Contains(Window(6, 1, [6], [1]), "inside its storage");
        StringAssert.Contains(Window(6, 0, [2, 3], [4, 1]), "inside its storage");
        StringAssert.Contains(Window(6, -1, [1], [1]), "inside its storage");
        StringAssert.Contains(Window(6, 0, [2, 2], [long.MaxValue, 1]), "inside its storage");
        StringAssert.Contains(Window(6, long.MaxValue, [1], [1]), "inside its storage");
        StringAssert.Contains(Window(6, 0, [1L << 40], [0]), "more than the whole file");
        StringAssert.Contains(Window(6, 0, [1L << 40, 1L << 40], [0, 0]), "overflows");
        StringAssert.Contains(Window(6, 0, [6], [1, 1]), "dimensions");
        StringAssert.Contains(Window(6, 0, [-6], [1]), "integer from 0 on");
        StringAssert.Contains(Window(5, 0, [5], [1]), "storage has 5 elements");
        StringAssert.Contains(Window(long.MaxValue, 0, [5], [1]), "storage has");
        StringAssert.Contains(Refused(Create(StateDict(("w", "FloatStorage", "7", 6, 0, [6], [1])), Six)), "'data/7', which the archive lacks");

        static string Window(long count, long offset, long[] shape, long[] strides) =>
            Refused(Create(StateDict(("w", "FloatStorage", "0", count, offset, shape, strides)), Six));
    }

    [TestMethod]
    public void An_archive_that_unpacks_to_far_more_than_its_size_is_refused()
    {
        byte[] zeros = new byte[4 << 20];
        byte[] bomb = Create(StateDict(("w", "ByteStorage", "0", zeros.Length, 0, [zeros.Length], [1])), new Dictionary<string, byte[]> { ["0"] = zeros }, level: CompressionLevel.SmallestSize);
        StringAssert.Contains(Refused(bomb), "unpacked, more than 16 times");
    }

    [TestMethod]
    public void Entries_that_share_their_bytes_are_refused()
    {
        byte[] file = Create(StateDict(("w", "ByteStorage", "0", 5000, 0, [5000], [1])), new Dictionary<string, byte[]> { ["0"] = new byte[5000], ["1"] = [] });
        Span<byte> first = Entry("archive/data/0"), second = Entry("archive/data/1");
        first.Slice(20, 8).CopyTo(second[20..]); // both sizes
        first.Slice(42, 4).CopyTo(second[42..]); // where it lies
        StringAssert.Contains(Refused(file), "overlap");

        Span<byte> Entry(string name) => file.AsSpan(file.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes(name)) - 46);
    }

    [TestMethod]
    [DataRow(+4, "unpack")]
    [DataRow(-4, "declares")]
    public void An_entry_that_unpacks_to_another_length_than_declared_is_refused(int lie, string expected)
    {
        byte[] data = [.. Enumerable.Range(0, 200).Select(i => (byte)(i * 37))];
        byte[] file = Create(StateDict(("w", "ByteStorage", "0", data.Length + lie, 0, [data.Length + lie], [1])), new Dictionary<string, byte[]> { ["0"] = data }, level: CompressionLevel.SmallestSize);
        int directoryEntry = file.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes("archive/data/0")) - 46;
        BitConverter.GetBytes(data.Length + lie).CopyTo(file, directoryEntry + 24);
        using var opened = PyTorchFile.Parse(file, "weights");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => opened.Read("w")).Message, expected);
    }

    [TestMethod]
    public void Files_without_tensors_are_refused()
    {
        StringAssert.Contains(Refused(Create(Pickle("N"u8))), "dict of tensors");
        StringAssert.Contains(Refused(Create(Pickle([(byte)'}', .. Text("epoch"), (byte)'K', 1, (byte)'s']))), "epoch");
        StringAssert.Contains(Refused(Create(StateDict(("w", "FloatStorage", "0", 6, 0, [6], [1]), ("w", "FloatStorage", "0", 6, 0, [6], [1])), Six)), "twice");
    }

    [TestMethod]
    [DataRow(new byte[] { 0x80, 2 }, "ends early")]
    [DataRow(new byte[] { 0x80, 5, (byte)'N', (byte)'.' }, "protocol 5")]
    [DataRow(new byte[] { 0x80, 2, (byte)'.' }, "stack")]
    [DataRow(new byte[] { 0x80, 2, (byte)'N', (byte)'N', (byte)'.' }, "more than one")]
    [DataRow(new byte[] { 0x80, 2, (byte)'h', 9, (byte)'.' }, "never kept")]
    [DataRow(new byte[] { 0x80, 2, (byte)'(', (byte)'R', (byte)'.' }, "mark")]
    [DataRow(new byte[] { 0x80, 2, (byte)'t', (byte)'.' }, "no mark")]
    [DataRow(new byte[] { 0x80, 2, (byte)'X', 255, 255, 255, 255, (byte)'.' }, "4294967295 bytes")]
    [DataRow(new byte[] { 0x80, 2, (byte)'X', 1, 0, 0, 0, 0xff, (byte)'.' }, "UTF-8")]
    [DataRow(new byte[] { 0x80, 2, 0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte)'.' }, "64 bits")]
    [DataRow(new byte[] { 0x80, 2, (byte)'i', (byte)'.' }, "opcode 0x69")]
    [DataRow(new byte[] { 0x80, 2, (byte)'N', (byte)'N', (byte)'R', (byte)'.' }, "allowed functions")]
    [DataRow(new byte[] { 0x80, 2, (byte)'N', (byte)'N', (byte)'b', (byte)'.' }, "attributes")]
    [DataRow(new byte[] { 0x80, 2, (byte)'N', (byte)'Q', (byte)'.' }, "persistent id")]
    public void Malformed_pickles_are_refused(byte[] pickle, string expected) => StringAssert.Contains(Refused(Create(pickle)), expected);

    private static string Refused(byte[] file)
    {
        string message = Assert.ThrowsExactly<InvalidDataException>(() => PyTorchFile.Parse(file, "weights")).Message;
        StringAssert.StartsWith(message, "weights: ");
        return message;
    }
}
