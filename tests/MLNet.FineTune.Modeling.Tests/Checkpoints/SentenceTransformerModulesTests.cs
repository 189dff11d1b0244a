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
        SentenceTransformerModules read = SentenceTransformerModules.Read(folder.Path)!;
        Assert.AreEqual((PoolingMode.Mean, true, 256, folder.Path, false), (read.Pooling.InOrder.Single(), read.Normalize, read.MaxSequenceLength, read.TransformerPath, read.LowerCase));
        Assert.IsEmpty(read.DenseFolders);
        Assert.AreSame(EncoderPrompts.None, read.Prompts);
    }

    [TestMethod]
    [DataRow("""{"pooling_mode_cls_token":true,"pooling_mode_mean_tokens":false}""", PoolingMode.Cls)]
    [DataRow("""{"pooling_mode_max_tokens":true,"pooling_mode_mean_tokens":false}""", PoolingMode.Max)]
    [DataRow("""{"pooling_mode":"max"}""", PoolingMode.Max)]
    [DataRow("""{"word_embedding_dimension":384}""", PoolingMode.Mean)]
    [DataRow("""{"pooling_mode_mean_tokens":false,"pooling_mode_lasttoken":true}""", PoolingMode.LastToken)]
    [DataRow("""{"pooling_mode_mean_tokens":false,"pooling_mode_weightedmean_tokens":true}""", PoolingMode.WeightedMean)]
    [DataRow("""{"pooling_mode":"mean_sqrt_len_tokens"}""", PoolingMode.MeanSqrtLength)]
    [DataRow("""{"pooling_mode_cls_token":true,"pooling_mode_mean_tokens":true}""", PoolingMode.Cls, PoolingMode.Mean)]
    [DataRow("""{"pooling_mode_mean_tokens":true,"pooling_mode_max_tokens":true,"pooling_mode_mean_sqrt_len_tokens":true}""", PoolingMode.Max, PoolingMode.Mean, PoolingMode.MeanSqrtLength)]
    [DataRow("""{"pooling_mode":["mean","cls"]}""", PoolingMode.Cls, PoolingMode.Mean)]
    public void Pooling_modes_are_read(string config, params PoolingMode[] expected)
    {
        using TemporaryFolder folder = Create(Modules, config);
        CollectionAssert.AreEqual(expected, SentenceTransformerModules.Read(folder.Path)!.Pooling.InOrder.ToArray());
    }

    [TestMethod]
    [DataRow("Mean", true)]
    [DataRow("Cls+Max+Mean", true)]
    [DataRow("Mean+Cls", false)]
    [DataRow("Mean+Mean", false)]
    [DataRow("mean", false)]
    [DataRow("1", false)]
    [DataRow("", false)]
    public void Pooling_modes_have_one_text(string text, bool valid) => Assert.AreEqual(valid ? text : null, PoolingModes.Parse(text)?.ToString());

    [TestMethod]
    public void Dense_modules_stand_between_pooling_and_normalisation()
    {
        using TemporaryFolder folder = Create("""
            [{"idx":0,"path":"","type":"sentence_transformers.models.Transformer"},{"idx":1,"path":"1_Pooling","type":"sentence_transformers.models.Pooling"},
             {"idx":2,"path":"2_Dense","type":"sentence_transformers.models.Dense"},{"idx":3,"path":"3_Dense","type":"sentence_transformers.models.Dense"},
             {"idx":4,"path":"4_Normalize","type":"sentence_transformers.models.Normalize"}]
            """, """{"pooling_mode_mean_tokens":true,"include_prompt":false}""");
        SentenceTransformerModules read = SentenceTransformerModules.Read(folder.Path)!;
        CollectionAssert.AreEqual(new[] { folder.File("2_Dense"), folder.File("3_Dense") }, read.DenseFolders.ToArray());
        Assert.IsTrue(read.Normalize);
        Assert.IsFalse(read.PoolsPrompt);
    }

    [TestMethod]
    public void Prompts_are_read()
    {
        using TemporaryFolder folder = Create(Modules, Mean);
        File.WriteAllText(folder.File("config_sentence_transformers.json"), """{"__version__":{},"prompts":{"query":"query: ","document":""},"default_prompt_name":"query","similarity_fn_name":"cosine"}""");
        EncoderPrompts prompts = SentenceTransformerModules.Read(folder.Path)!.Prompts;
        Assert.AreEqual("query: ", prompts.Choose(EmbeddingPrompt.Default));
        Assert.AreEqual("query: ", prompts.Choose(EmbeddingPrompt.Named("query")));
        Assert.IsNull(prompts.Choose(EmbeddingPrompt.Named("document")));
        Assert.IsNull(prompts.Choose(EmbeddingPrompt.None));
        Assert.AreEqual("x: ", prompts.Choose(EmbeddingPrompt.FromText("x: ")));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => prompts.Choose(EmbeddingPrompt.Named("passage"))).Message, "no prompt 'passage'; expected one of 'query', 'document'");
        File.WriteAllText(folder.File("config_sentence_transformers.json"), prompts.ToJson().ToJsonString());
        Assert.AreEqual("query: ", EncoderPrompts.Read(folder.Path).Choose(EmbeddingPrompt.Default));
    }

    [TestMethod]
    [DataRow("""{"prompts":{"query":"query: "},"default_prompt_name":"passage"}""", "'default_prompt_name' is 'passage'; expected one of 'query'")]
    [DataRow("""{"default_prompt_name":"query"}""", "expected none, as there are no prompts")]
    [DataRow("""{"prompts":["query: "]}""", "expected an object")]
    [DataRow("""{"prompts":{"query":3}}""", "'query' is 3; expected a text")]
    public void Prompts_that_do_not_fit_are_named(string config, string expected)
    {
        using TemporaryFolder folder = Create(Modules, Mean);
        File.WriteAllText(folder.File("config_sentence_transformers.json"), config);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => SentenceTransformerModules.Read(folder.Path)).Message, expected);
    }

    [TestMethod]
    public void An_old_layout_keeps_the_encoder_in_a_folder()
    {
        string modules = Modules.Replace("\"path\":\"\"", "\"path\":\"0_Transformer\"", StringComparison.Ordinal);
        using TemporaryFolder folder = Create(modules, Mean);
        Directory.CreateDirectory(folder.File("0_Transformer"));
        File.WriteAllText(Path.Combine(folder.File("0_Transformer"), "sentence_roberta_config.json"), """{"max_seq_length":null,"do_lower_case":true}""");
        SentenceTransformerModules read = SentenceTransformerModules.Read(folder.Path)!;
        Assert.AreEqual((null, folder.File("0_Transformer"), true), (read.MaxSequenceLength, read.TransformerPath, read.LowerCase));
    }

    [TestMethod]
    [DataRow("""[{"path":"","type":"sentence_transformers.models.Transformer"},{"path":"1_Pooling","type":"sentence_transformers.models.Pooling"},{"path":"2_LSTM","type":"sentence_transformers.models.LSTM"}]""", Mean, "sentence_transformers.models.LSTM")]
    [DataRow("""[{"path":"","type":"a.Transformer"},{"path":"2_Dense","type":"a.Dense"},{"path":"1_Pooling","type":"a.Pooling"}]""", Mean, "'a.Dense' is not supported here")]
    [DataRow("""[{"path":"","type":"a.Transformer"},{"path":"1_Pooling","type":"a.Pooling"},{"path":"","type":"a.Normalize"},{"path":"2_Dense","type":"a.Dense"}]""", Mean, "'a.Dense' is not supported here")]
    [DataRow("""[{"path":"","type":"sentence_transformers.models.Transformer"}]""", Mean, "no Pooling module")]
    [DataRow("[]", Mean, "no Transformer module")]
    [DataRow("{}", Mean, "JSON array")]
    [DataRow("[3]", Mean, "JSON object")]
    [DataRow("""[{"path":""}]""", Mean, "no 'type'")]
    [DataRow("""[{"path":"../x","type":"a.Transformer"}]""", Mean, "not a plain name")]
    [DataRow(Modules, """{"pooling_mode_mean_tokens":false}""", "mode is missing")]
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
