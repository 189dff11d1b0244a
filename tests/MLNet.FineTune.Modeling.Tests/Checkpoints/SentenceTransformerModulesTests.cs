using MLNet.FineTune.Checkpoints;

namespace MLNet.FineTune.Tests.Checkpoints;

[TestClass]
public class SentenceTransformerModulesTests
{
    private const string Modules = """
        [{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"},
         {"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"},
         {"idx":2,"name":"2","path":"2_Normalize","type":"sentence_transformers.models.Normalize"}]
        """;

    private const string Mean = """{"word_embedding_dimension":384,"pooling_mode_cls_token":false,"pooling_mode_mean_tokens":true,"pooling_mode_max_tokens":false,"pooling_mode_mean_sqrt_len_tokens":false}""";

    [TestMethod]
    public void A_plain_encoder_has_none()
    {
        using var folder = new TemporaryFolder();
        Assert.IsNull(SentenceTransformerModules.Read(folder.Path));
    }

    [TestMethod]
    public void The_usual_layout_is_read()
    {
        using TemporaryFolder folder = Create(Modules, Mean, """{"max_seq_length": 256, "do_lower_case": false}""");
        Assert.AreEqual(new SentenceTransformerModules(PoolingMode.Mean, true, 256, folder.Path), SentenceTransformerModules.Read(folder.Path));
    }

    [TestMethod]
    [DataRow("""{"pooling_mode_cls_token":true,"pooling_mode_mean_tokens":false}""", PoolingMode.Cls)]
    [DataRow("""{"pooling_mode_max_tokens":true,"pooling_mode_mean_tokens":false}""", PoolingMode.Max)]
    [DataRow("""{"pooling_mode":"max"}""", PoolingMode.Max)]
    [DataRow("""{"word_embedding_dimension":384}""", PoolingMode.Mean)]
    public void Pooling_modes_are_read(string config, PoolingMode expected)
    {
        using TemporaryFolder folder = Create(Modules, config);
        Assert.AreEqual(expected, SentenceTransformerModules.Read(folder.Path)!.Pooling);
    }

    [TestMethod]
    public void An_old_layout_keeps_the_encoder_in_a_folder()
    {
        string modules = Modules.Replace("\"path\":\"\"", "\"path\":\"0_Transformer\"", StringComparison.Ordinal);
        using TemporaryFolder folder = Create(modules, Mean);
        Directory.CreateDirectory(folder.File("0_Transformer"));
        File.WriteAllText(Path.Combine(folder.File("0_Transformer"), "sentence_roberta_config.json"), """{"max_seq_length":null,"do_lower_case":true}""");
        Assert.AreEqual(new SentenceTransformerModules(PoolingMode.Mean, true, null, folder.File("0_Transformer"), LowerCase: true), SentenceTransformerModules.Read(folder.Path));
    }

    [TestMethod]
    [DataRow("""[{"path":"","type":"sentence_transformers.models.Transformer"},{"path":"1_Pooling","type":"sentence_transformers.models.Pooling"},{"path":"2_Dense","type":"sentence_transformers.models.Dense"}]""", Mean, "sentence_transformers.models.Dense")]
    [DataRow("""[{"path":"","type":"sentence_transformers.models.Transformer"}]""", Mean, "no Pooling module")]
    [DataRow("[]", Mean, "no Transformer module")]
    [DataRow("{}", Mean, "JSON array")]
    [DataRow("[3]", Mean, "JSON object")]
    [DataRow("""[{"path":""}]""", Mean, "no 'type'")]
    [DataRow("""[{"path":"../x","type":"a.Transformer"}]""", Mean, "not a plain name")]
    [DataRow(Modules, """{"pooling_mode_cls_token":true,"pooling_mode_mean_tokens":true}""", "'cls + mean' is not supported")]
    [DataRow(Modules, """{"pooling_mode_mean_tokens":false}""", "mode is missing")]
    [DataRow(Modules, """{"pooling_mode_mean_tokens":false,"pooling_mode_lasttoken":true}""", "'lasttoken' is not supported")]
    [DataRow(Modules, """{"pooling_mode":"attention"}""", "'attention' is not supported")]
    [DataRow(Modules, """{"pooling_mode_mean_tokens":"yes"}""", "expected true or false")]
    public void What_is_not_supported_is_named(string modules, string pooling, string expected)
    {
        using TemporaryFolder folder = Create(modules, pooling);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => SentenceTransformerModules.Read(folder.Path)).Message, expected);
    }

    [TestMethod]
    public void A_length_below_one_is_refused()
    {
        using TemporaryFolder folder = Create(Modules, Mean, """{"max_seq_length":0}""");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => SentenceTransformerModules.Read(folder.Path)).Message, "max_seq_length");
    }

    private static TemporaryFolder Create(string modules, string pooling, string? transformer = null)
    {
        var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("modules.json"), modules);
        Directory.CreateDirectory(folder.File("1_Pooling"));
        File.WriteAllText(Path.Combine(folder.File("1_Pooling"), "config.json"), pooling);
        if (transformer is not null)
            File.WriteAllText(folder.File("sentence_bert_config.json"), transformer);
        return folder;
    }
}
