using System.Buffers.Binary;
using MLNet.FineTune.Checkpoints;

namespace MLNet.FineTune.Tests.Checkpoints;

[TestClass]
public class MalformedSafetensorsTests
{
    private const string A = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";

    [TestMethod]
    [DataRow("", "not valid JSON")]
    [DataRow("weights", "not valid JSON")]
    [DataRow("[]", "not a JSON object")]
    [DataRow("{" + A, "not valid JSON")]
    [DataRow("{" + A + "}{}", "not valid JSON")]
    [DataRow("{" + A + "} \u0000", "not valid JSON")]
    [DataRow("{" + A + ",}", "not valid JSON")]
    [DataRow("{" + A + "," + A + "}", "'a' appears twice")]
    [DataRow("{\"\\ud800\":1}", "not valid JSON")]
    [DataRow("{\"a\":3}", "not described by an object")]
    [DataRow("{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", "lacks dtype")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}", "lacks shape")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", "lacks data_offsets")]
    [DataRow("{\"a\":{\"dtype\":\"F31\",\"shape\":[2],\"data_offsets\":[0,8]}}", "dtype 'F31'")]
    [DataRow("{\"a\":{\"dtype\":7,\"shape\":[2],\"data_offsets\":[0,8]}}", "dtype is not one text")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", "dtype is not one text")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}}", "shape is not an array")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"shape\":[2],\"data_offsets\":[0,8]}}", "shape appears twice")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", "integers from 0")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[2.5],\"data_offsets\":[0,8]}}", "integers from 0")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,8]}}", "integers from 0")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904],\"data_offsets\":[0,8]}}", "overflows")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}", "overflows")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[0,4294967296,4294967296],\"data_offsets\":[0,0]}}", "overflows")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2],\"data_offsets\":[0,8]}}", "more than 32")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", "[3] of F32 takes 12")]
    [DataRow("{\"a\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,8]}}", "[2] of F64 takes 16")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", "begin ≤ end")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,16]}}", "more than 2")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", "begin ≤ end")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}}", "integers from 0")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[9223372036854775800,9223372036854775807]}}", "takes 8")]
    [DataRow("{\"a\":{\"dtype\":\"U8\",\"shape\":[9223372036854775807],\"data_offsets\":[0,9223372036854775807]}}", "truncated")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", "begins at 4; expected 0")]
    [DataRow("{" + A + ",\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "'b' begins at 4, inside")]
    [DataRow("{" + A + ",\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", "begins at 0, inside")]
    [DataRow("{" + A + ",\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}", "4 are missing (from tensor 'b' on)")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "4 bytes follow the last tensor")]
    [DataRow("{\"__metadata__\":3," + A + "}", "__metadata__ is not an object")]
    [DataRow("{\"__metadata__\":{\"k\":1}," + A + "}", "'k' is not text")]
    [DataRow("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}," + A + "}", "'k' appears twice")]
    [DataRow("{\"__metadata__\":{},\"__metadata__\":{}," + A + "}", "__metadata__ appears twice")]
    public void A_header_that_lies_is_refused(string header, string expected)
    {
        string message = Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsFile.Parse(SafetensorsBytes.Create(header, new byte[8]), "file.safetensors")).Message;
        StringAssert.StartsWith(message, "file.safetensors: ");
        StringAssert.Contains(message, expected);
    }

    [TestMethod]
    [DataRow(ulong.MaxValue, "limit of 100000000")]
    [DataRow(100_000_001ul, "limit of 100000000")]
    [DataRow(100_000_000ul, "are missing")]
    [DataRow(17ul, "1 are missing")]
    public void A_header_length_beyond_the_file_allocates_nothing(ulong length, string expected)
    {
        byte[] file = new byte[24];
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsFile.Parse(file, "file"));
        Assert.IsLessThan(100_000, GC.GetAllocatedBytesForCurrentThread() - before);
        StringAssert.Contains(error.Message, expected);
    }

    [TestMethod]
    public void Unknown_fields_and_padding_are_no_error()
    {
        using var file = SafetensorsFile.Parse(SafetensorsBytes.Create("""{"a":{"dtype":"F32","note":{"x":[1]},"shape":[2],"data_offsets":[0,8]}}    """, new byte[8]), "file");
        Assert.HasCount(1, file.Tensors);
    }
}
