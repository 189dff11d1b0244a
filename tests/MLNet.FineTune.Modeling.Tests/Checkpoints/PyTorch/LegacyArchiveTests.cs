using System.Text;
using MLNet.FineTune.Checkpoints.PyTorch;
using TorchSharp;

namespace MLNet.FineTune.Tests.Checkpoints.PyTorch;

/// <summary>Files as <c>torch.save</c> wrote them before PyTorch 1.6; pickled by Python's own pickle, as <c>torch/serialization.py</c> of that time calls it.</summary>
[TestClass]
public class LegacyArchiveTests
{
    /// <summary>An OrderedDict of five tensors on three storages, float32, int64 and float16.</summary>
    public static readonly byte[] Plain = Convert.FromBase64String("""
        gAKKCmz8nEb5IGqoUBkugAJN6QMugAJ9cQAoWBAAAABwcm90b2NvbF92ZXJzaW9ucQFN6QNYDQAAAGxpdHRsZV9lbmRpYW5xAohYCgAAAHR5cGVfc2l6ZXNxA31xBChYBQAAAHNob3J0cQVLAlgDAA
        AAaW50cQZLBFgEAAAAbG9uZ3EHSwR1dS6AAmNjb2xsZWN0aW9ucwpPcmRlcmVkRGljdApxAClScQEoWAUAAAB3aG9sZXECY3RvcmNoLl91dGlscwpfcmVidWlsZF90ZW5zb3JfdjIKcQMoKFgHAAAA
        c3RvcmFnZXEEY3RvcmNoCkZsb2F0U3RvcmFnZQpxBVgOAAAAOTQwMDAwMDAwMDAwMTZxBlgDAAAAY3B1cQdLBk50cQhRSwBLAksDhnEJSwNLAYZxColoAClScQt0cQxScQ1YCgAAAHRyYW5zcG9zZW
        RxDmgDKChoBGgFWA4AAAA5NDAwMDAwMDAwMDAxNnEPaAdLBk50cRBRSwBLA0sChnERSwFLA4ZxEoloAClScRN0cRRScRVYAwAAAGlkc3EWaAMoKGgEY3RvcmNoCkxvbmdTdG9yYWdlCnEXWA4AAAA5
        NDAwMDAwMDAwMDAzMnEYaAdLAk50cRlRSwBLAoVxGksBhXEbiWgAKVJxHHRxHVJxHlgEAAAAaGFsZnEfaAMoKGgEY3RvcmNoCkhhbGZTdG9yYWdlCnEgWA4AAAA5NDAwMDAwMDAwMDAwMHEhaAdLAk
        50cSJRSwFoG2gbiWgAKVJxI3RxJFJxJVgEAAAAdGFpbHEmaAMoKGgEaAVYDgAAADk0MDAwMDAwMDAwMDE2cSdoB0sGTnRxKFFLBGgaaBuJaAApUnEpdHEqUnErdX1xLFgJAAAAX21ldGFkYXRhcS1o
        AClScS5YAAAAAHEvfXEwWAcAAAB2ZXJzaW9ucTFLAXNzc2IugAJdcQAoWA4AAAA5NDAwMDAwMDAwMDAwMHEBWA4AAAA5NDAwMDAwMDAwMDAxNnECWA4AAAA5NDAwMDAwMDAwMDAzMnEDZS4CAAAAAA
        AAAAA4AMAGAAAAAAAAAAAAAAAAAIA/AAAAQAAAQEAAAIBAAACgQAIAAAAAAAAABwAAAAAAAAD4/////////w==
        """);

    /// <summary>The same below "state_dict" in a dict with an epoch and a rate.</summary>
    private static readonly byte[] Wrapped = Convert.FromBase64String("""
        gAKKCmz8nEb5IGqoUBkugAJN6QMugAJ9cQAoWBAAAABwcm90b2NvbF92ZXJzaW9ucQFN6QNYDQAAAGxpdHRsZV9lbmRpYW5xAohYCgAAAHR5cGVfc2l6ZXNxA31xBChYBQAAAHNob3J0cQVLAlgDAA
        AAaW50cQZLBFgEAAAAbG9uZ3EHSwR1dS6AAn1xAChYBQAAAGVwb2NocQFLA1gKAAAAc3RhdGVfZGljdHECY2NvbGxlY3Rpb25zCk9yZGVyZWREaWN0CnEDKVJxBChYBQAAAHdob2xlcQVjdG9yY2gu
        X3V0aWxzCl9yZWJ1aWxkX3RlbnNvcl92MgpxBigoWAcAAABzdG9yYWdlcQdjdG9yY2gKRmxvYXRTdG9yYWdlCnEIWA4AAAA5NDAwMDAwMDAwMDAxNnEJWAMAAABjcHVxCksGTnRxC1FLAEsCSwOGcQ
        xLA0sBhnENiWgDKVJxDnRxD1JxEFgKAAAAdHJhbnNwb3NlZHERaAYoKGgHaAhYDgAAADk0MDAwMDAwMDAwMDE2cRJoCksGTnRxE1FLAEsDSwKGcRRLAUsDhnEViWgDKVJxFnRxF1JxGFgDAAAAaWRz
        cRloBigoaAdjdG9yY2gKTG9uZ1N0b3JhZ2UKcRpYDgAAADk0MDAwMDAwMDAwMDMycRtoCksCTnRxHFFLAEsChXEdSwGFcR6JaAMpUnEfdHEgUnEhWAQAAABoYWxmcSJoBigoaAdjdG9yY2gKSGFsZl
        N0b3JhZ2UKcSNYDgAAADk0MDAwMDAwMDAwMDAwcSRoCksCTnRxJVFLAWgeaB6JaAMpUnEmdHEnUnEoWAQAAAB0YWlscSloBigoaAdoCFgOAAAAOTQwMDAwMDAwMDAwMTZxKmgKSwZOdHErUUsEaB1o
        HoloAylScSx0cS1ScS51fXEvWAkAAABfbWV0YWRhdGFxMGgDKVJxMVgAAAAAcTJ9cTNYBwAAAHZlcnNpb25xNEsBc3NzYlgCAAAAbHJxNUc/Gjbi6xxDLXUugAJdcQAoWA4AAAA5NDAwMDAwMDAwMD
        AwMHEBWA4AAAA5NDAwMDAwMDAwMDAxNnECWA4AAAA5NDAwMDAwMDAwMDAzMnEDZS4CAAAAAAAAAAA4AMAGAAAAAAAAAAAAAAAAAIA/AAAAQAAAQEAAAIBAAACgQAIAAAAAAAAABwAAAAAAAAD4////
        /////w==
        """);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Its_tensors_are_read(bool wrapped)
    {
        using PyTorchFile file = PyTorchFile.Parse(wrapped ? Wrapped : Plain, "weights");
        CollectionAssert.AreEqual(new[] { "whole", "transposed", "ids", "half", "tail" }, file.Tensors.Keys.ToArray());
        Check("whole", [2, 3], 0, 1, 2, 3, 4, 5);
        Check("transposed", [3, 2], 0, 3, 1, 4, 2, 5);
        Check("ids", [2], 7, -8);
        Check("half", [1], -2);
        Check("tail", [2], 4, 5);
        Assert.AreEqual(torch.ScalarType.Int64, TorchSharpType("ids"));
        Assert.AreEqual(torch.ScalarType.Float16, TorchSharpType("half"));

        void Check(string name, long[] shape, params float[] expected)
        {
            using torch.Tensor read = file.Read(name, torch.ScalarType.Float32);
            CollectionAssert.AreEqual(shape, read.shape, name);
            CollectionAssert.AreEqual(expected, read.data<float>().ToArray(), name);
        }

        torch.ScalarType TorchSharpType(string name)
        {
            using torch.Tensor read = file.Read(name);
            return read.dtype;
        }
    }

    [TestMethod]
    public void A_damaged_file_is_refused_with_the_reason()
    {
        StringAssert.Contains(Refused(Plain[..^3]), "truncated in storage");
        StringAssert.Contains(Refused(Plain[..^18]), "truncated in storage");
        StringAssert.Contains(Refused([.. Plain, 0]), "1 bytes follow the last storage");
        StringAssert.Contains(Refused(Plain[..60]), "ends early");
        byte[] bigEndian = (byte[])Plain.Clone();
        int flag = bigEndian.AsSpan().IndexOf("little_endian"u8) + 13 + 2; // past the name and its place in the memo
        Assert.AreEqual(0x88, bigEndian[flag]);
        bigEndian[flag] = 0x89;
        StringAssert.Contains(Refused(bigEndian), "little-endian");
        StringAssert.Contains(Refused(Replaced("_rebuild_tensor_v2", "_rebuild_tensor_xx")), "'_rebuild_tensor_xx' of module 'torch._utils'");
        StringAssert.Contains(Refused([.. Plain[..15], 0x80, 2, (byte)'K', 7, (byte)'.', .. Plain[22..]]), "version of its format");
        byte[] count = (byte[])Plain.Clone();
        count[^24]++;
        StringAssert.Contains(Refused(count), "3 elements; 2 were announced");
    }

    private static byte[] Replaced(string text, string by)
    {
        byte[] file = (byte[])Plain.Clone();
        Encoding.ASCII.GetBytes(by).CopyTo(file, file.AsSpan().IndexOf(Encoding.ASCII.GetBytes(text)));
        return file;
    }

    private static string Refused(byte[] file) => Assert.ThrowsExactly<InvalidDataException>(() => PyTorchFile.Parse(file, "weights").Dispose()).Message;
}
